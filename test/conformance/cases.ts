import { contents } from './cases/contents.ts';
import { ends } from './cases/ends.ts';
import { givingBack } from './cases/giving-back.ts';
import { induced } from './cases/induced.ts';
import { refusals } from './cases/refusals.ts';
import { sizes } from './cases/sizes.ts';
import { type Case } from './subject.ts';

/** What holds for every allocator, whatever it is built of. */
export const cases: readonly Case[] = [
  ...sizes,
  ...contents,
  ...givingBack,
  ...refusals,
  ...induced,
  ...ends,
];
