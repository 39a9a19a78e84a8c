import type { Arena } from 'freehold';

import type { NativeSide } from './native-side.ts';

export interface Step {
  kind: number;
  size: number;
  choice: number;
}
export const KINDS: number;
export function runBothSides(
  freehold: { Arena: typeof Arena },
  native: NativeSide,
  options: object,
  steps: readonly Step[],
): void;
