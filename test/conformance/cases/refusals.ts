import assert from 'node:assert/strict';
import { unlessRefused } from '../checks.ts';
import { Ledger } from '../ledger.ts';
import { type Case, type Subject } from '../subject.ts';

const BYTES = 16 * 1024;
/** More blocks than fit, whatever the overhead. */
const ENOUGH = 4096;

/** An allocator that holds as much as it can, in blocks of 64 bytes and then of 16. */
function exhaust(ledger: Ledger): void {
  const { allocator } = ledger.specimen;
  for (const size of [64, 16]) {
    for (let count = 0; count <= ENOUGH; count++) {
      assert(count < ENOUGH, `more than ${ENOUGH} blocks of ${size} bytes in about ${BYTES}`);
      const block = unlessRefused(() => allocator.alloc(size));
      if (block === null) break;
      ledger.enter(block, size, 16);
    }
  }
}

function smallLedger(subject: Subject): Ledger {
  return new Ledger(subject, subject.make({ bytes: BYTES }));
}

/** What happens when there is no more. */
export const refusals: readonly Case[] = [
  {
    title: 'what the limit refuses is lost nowhere: all comes back, as often as the limit is met',
    run(subject) {
      if (!subject.traits.bounded) return;
      const ledger = smallLedger(subject);
      const counts: number[] = [];
      for (let round = 0; round < 3; round++) {
        exhaust(ledger);
        counts.push(ledger.held.length);
        ledger.check();
        ledger.freeAll();
        ledger.assertNothingUsed(`when all is freed in round ${round}`);
      }
      assert.deepEqual(counts, Array(3).fill(counts[0]));
      assert(counts[0] * 64 >= BYTES / 8, `only ${counts[0]} blocks in ${BYTES} bytes`);
    },
  },
  {
    title: 'tryAlloc gives null exactly where alloc throws a refusal',
    run(subject) {
      const ledger = smallLedger(subject);
      const { allocator } = ledger.specimen;
      const sizes = [2 ** 53 - 1, 2 ** 45, BYTES * 2, 5000, 1024, 200, 64, 8, 1];
      const ways = [
        (size: number, alignment: number) => unlessRefused(() => allocator.alloc(size, alignment)),
        (size: number, alignment: number) => allocator.tryAlloc(size, alignment),
      ];
      let refused = 0;
      for (let step = 0; step < 40 + 360 * subject.effort; step++) {
        const size = sizes[step % sizes.length];
        const alignment = step % 7 === 0 ? Math.min(4096, subject.traits.largestAlignment) : 16;
        // What the first has is given back before the second asks, so that both find the same.
        const had = (step % 2 === 0 ? ways : ways.toReversed()).map((way) => {
          const block = way(size, alignment);
          if (block !== null) allocator.free(block);
          return block !== null;
        });
        assert.equal(had[0], had[1], `a size of ${size} in step ${step}`);
        if (!had[0]) refused++;
        else if (size < BYTES) ledger.alloc(size, alignment);
      }
      assert(refused > 0);
      ledger.check();
    },
  },
];
