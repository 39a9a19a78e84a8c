import assert from 'node:assert/strict';
import { type FailingAllocator, failing } from 'freehold';
import { unlessRefused } from '../checks.ts';
import { Ledger } from '../ledger.ts';
import { type Case, type Conforming, type Specimen, type Subject } from '../subject.ts';

// Sizes of whole 16 bytes, and realloc of the newest block only: what every allocator can take back.
const STEPS = [48, 16, 0, 112, 64, 32, 208, 16, 80, 128, 16, 48, 256, 32, 64, 16, 96, 16, 144, 32];
const FEWER = 10;

/** Some twenty requests of all kinds, up to the first that is refused. */
function program(ledger: Ledger, steps: readonly number[]): void {
  const { allocator } = ledger.specimen;
  for (const [step, size] of steps.entries()) {
    const done = unlessRefused(() => {
      const newest = ledger.held[ledger.held.length - 1];
      switch (step % 5) {
        case 0:
          return ledger.alloc(size);
        case 1:
          return ledger.allocUnsafe(size);
        case 2: {
          const block = allocator.tryAlloc(size);
          return block === null ? null : ledger.enter(block, size);
        }
        case 3:
          return ledger.realloc(newest, size);
        default:
          return ledger.enter(allocator.copy(new Uint8Array(size)), size);
      }
    });
    ledger.check();
    if (done === null) return;
  }
}

/** Runs the program on a fresh allocator for each request that can fail, and on one where none does. */
function failEach(make: (injure: (base: Conforming) => Conforming) => Specimen, subject: Subject): void {
  const steps = subject.effort < 0.5 ? STEPS.slice(0, FEWER) : STEPS;
  for (let failAt = 0; ; failAt++) {
    const injured: FailingAllocator[] = [];
    const injure = (base: Conforming): FailingAllocator => {
      const unlucky = failing(base, { failAt });
      injured.push(unlucky);
      return unlucky;
    };
    const ledger = new Ledger(subject, make(injure));
    program(ledger, steps);
    ledger.check();
    ledger.freeAll();
    ledger.assertNothingUsed(`when all is freed after request ${failAt} failed`);
    const failures = injured.reduce((sum, { induced }) => sum + induced.length, 0);
    if (failures > 0) continue;
    assert(failAt >= steps.length, `only ${failAt} requests`);
    return;
  }
}

/** What happens when a request fails in the middle of work. */
export const induced: readonly Case[] = [
  {
    title: 'when any one request fails, and when none does, nothing is lost',
    run(subject) {
      failEach((injure) => {
        const { allocator, bases } = subject.make();
        return { allocator: injure(allocator), bases: [allocator, ...bases] };
      }, subject);
    },
  },
  {
    title: 'when any one request fails below, and when none does, nothing is lost above',
    run(subject) {
      failEach((injure) => subject.make({ injure }), subject);
    },
  },
];
