import { describe, expect, test } from 'vitest';
import { type Arena, type ArenaOptions } from 'freehold';
import { ForgetsToZero } from './broken/forgets-to-zero.ts';
import { LosesABlock } from './broken/loses-a-block.ts';
import { OverlapsBlocks } from './broken/overlaps-blocks.ts';
import { cases } from './cases.ts';
import { type MakeOptions, type Subject } from './subject.ts';
import { bases } from './subjects.ts';

/** The suite's arena, but made by another class. */
function subjectOf(Broken: new (options: ArenaOptions) => Arena): Subject {
  const { traits } = bases.find(({ title }) => title === 'Arena')!;
  return {
    title: Broken.name,
    traits,
    effort: 1,
    make({ bytes = Infinity, injure }: MakeOptions = {}) {
      const base = new Broken({ limitBytes: bytes });
      return { allocator: injure === undefined ? base : injure(base), bases: [base] };
    },
  };
}

/** The cases that fail, and what they say. */
function faults(subject: Subject): Map<string, string> {
  const found = new Map<string, string>();
  for (const { title, run } of cases) {
    try {
      run(subject);
    } catch (error) {
      found.set(title, (error as Error).message);
    }
  }
  return found;
}

describe('the suite fails, in the right case and no other, for an allocator that', () => {
  test.each([
    {
      what: 'forgets to zero',
      Broken: ForgetsToZero,
      title: 'alloc, tryAlloc, array and growth give zeroes also where bytes were written and freed before',
      message: /byte 0 of 8 is \d+ instead of 0/,
    },
    {
      what: 'overlaps blocks',
      Broken: OverlapsBlocks,
      title: 'live blocks keep their bytes and never overlap, whatever is allocated, freed and reallocated',
      message: /overlap live block|byte \d+ of \d+ is/,
    },
    {
      what: 'loses a block on failure',
      Broken: LosesABlock,
      title: 'what the limit refuses is lost nowhere: all comes back, as often as the limit is met',
      message: /bytesUsed of the arena when all is freed in round 0/,
    },
  ])('$what', ({ Broken, title, message }) => {
    const found = faults(subjectOf(Broken));
    expect([...found.keys()]).toEqual([title]);
    expect(found.get(title)).toMatch(message);
  });
});
