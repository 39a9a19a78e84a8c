import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { encode, loadTrace, prepare } from '../../bench/lib/trace.mjs';

const taken = (size: number) => ({ size, age: 0 });
const freed = (age: number) => ({ size: 0, age });

test('a trace comes back from its encoding with a slot for each block, and slots are used again', () => {
  const trace = prepare(encode([taken(100), taken(70_000), freed(2), taken(3), freed(2), freed(1)]));
  expect([...trace.events]).toEqual([100, 0, 70_000, 1, ~0, 3, 0, ~1, ~0]);
  expect(trace).toMatchObject({ slots: 2, allocations: 3, peakBytes: 70_100, peakBlocks: 2 });
});

test('what is live at the end of a trace is freed there', () => {
  expect([...prepare(encode([taken(8), taken(16)])).events]).toEqual([8, 0, 16, 1, ~0, ~1]);
});

test.each(['buffers', 'objects'])(
  'the recorded trace of %s frees each block once, and none twice',
  (name) => {
    const path = fileURLToPath(new URL(`../../bench/heap/trace/${name}.json`, import.meta.url));
    const { events, slots, allocations } = loadTrace(path);
    const used = new Uint8Array(slots);
    let taken = 0;
    let wrong = 0;
    for (let i = 0; i < events.length; i++) {
      const event = events[i];
      const slot = event < 0 ? ~event : events[++i];
      if (event >= 0) taken++;
      if (used[slot] !== (event < 0 ? 1 : 0)) wrong++;
      used[slot] ^= 1;
    }
    expect({ wrong, taken, live: used.indexOf(1) }).toEqual({ wrong: 0, taken: allocations, live: -1 });
  },
);
