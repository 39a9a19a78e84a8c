import { beside } from './beside.ts';
import { beyond } from './beyond.ts';
import { contents } from './contents.ts';
import { dangling } from './dangling.ts';
import { doubleFree } from './double-free.ts';
import { hardening } from './hardening.ts';
import { inFlight } from './in-flight.ts';
import { invalidFree } from './invalid-free.ts';
import { leaks } from './leaks.ts';
import type { Group } from './row.ts';
import { sizes } from './sizes.ts';
import { titles } from './titles.ts';
import { useAfter } from './use-after.ts';

/** The table. */
export const groups: readonly Group[] = [
  doubleFree,
  invalidFree,
  beside,
  beyond,
  useAfter,
  dangling,
  inFlight,
  sizes,
  titles,
  contents,
  leaks,
  hardening,
];
