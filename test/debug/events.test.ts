import diagnostics from 'node:diagnostics_channel';

import { Arena, FreeholdError, Heap, RcHeap } from 'freehold';
import { expect, test } from 'vitest';

/** What a channel publishes while a function runs. */
function heard(channel: string, run: () => void): unknown[] {
  const messages: unknown[] = [];
  const listen = (message: unknown) => messages.push(message);
  diagnostics.subscribe(channel, listen);
  try {
    run();
  } finally {
    diagnostics.unsubscribe(channel, listen);
  }
  return messages;
}

test('freehold:arena.reset tells of each reset, with options or without', () => {
  using arena = new Arena();
  const messages = heard('freehold:arena.reset', () => {
    arena.alloc(1);
    arena.reset();
    arena.alloc(1);
    arena.reset({ retain: 'none' });
  });
  expect(messages).toEqual([{ arena }, { arena }]);
});

test('freehold:error and freehold:oom tell of errors', () => {
  using arena = new Arena({ limitBytes: 100 });
  const run = () => {
    expect(() => arena.alloc(1000)).toThrow(FreeholdError);
    expect(() => arena.alloc(-1)).toThrow(FreeholdError);
  };
  expect(heard('freehold:error', run)).toMatchObject([
    { error: { code: 'ERR_FREEHOLD_LIMIT' } },
    { error: { code: 'ERR_FREEHOLD_INVALID_SIZE' } },
  ]);
  expect(heard('freehold:oom', run)).toMatchObject([{ error: { code: 'ERR_FREEHOLD_LIMIT' } }]);
});

test('freehold:collect tells of collections', () => {
  using heap = new RcHeap();
  expect(heard('freehold:collect', () => heap.collect())).toEqual([{ heap, done: true }]);
});

test('nobody hears of anything who has not subscribed', () => {
  using heap = new Heap();
  expect(heard('freehold:leak', () => heap.free(heap.alloc(1)))).toEqual([]);
});
