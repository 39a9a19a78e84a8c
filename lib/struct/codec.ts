import type { Memory } from './memory.ts';
import type { Plan } from './plan.ts';
import type { Region } from './region.ts';

/** How a type is read and written. The memory is there, and the value lies in it. */
export interface Codec {
  /** How deep regions nest in what it reads: 0 for a value, 1 for a struct of values, 2 for one that has such structs. */
  readonly depth: number;
  /** What a field reads as: a value, or for what has parts of its own a region, which ends with `owner`. */
  read(owner: Region, key: number, memory: Memory, at: number): unknown;
  /** A copy in plain values; for JSON without bigints and bytes. */
  copy(memory: Memory, at: number, forJson: boolean): unknown;
  /** Checks what a program passes for the field called `label`, and plans to write it. */
  plan(plan: Plan, offset: number, value: unknown, label: string): void;
}
