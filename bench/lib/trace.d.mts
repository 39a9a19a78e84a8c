export interface Trace {
  events: Int32Array;
  slots: number;
  allocations: number;
  peakBytes: number;
  peakBlocks: number;
}
export function encode(events: readonly { size: number; age: number }[]): string[];
export function prepare(lines: readonly string[]): Trace;
export function loadTrace(path: string): Trace;
