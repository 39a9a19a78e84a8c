export interface Cell {
  median: number;
  spread: number;
  min: number;
  max: number;
  rounds: number;
}
export function percentile(sorted: ArrayLike<number>, p: number): number;
export function summarize(samples: readonly number[]): Cell;
