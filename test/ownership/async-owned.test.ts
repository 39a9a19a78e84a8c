import { setImmediate as turn } from 'node:timers/promises';
import { AsyncOwned, Owned, Pool, own, ownAsync, owned, type Block } from 'freehold';
import { describe, expect, test } from 'vitest';

import { refusal, rejection } from '../lib/codes.ts';

/** A resource that ends in a later turn, and knows how often it did. */
class AsyncResource implements AsyncDisposable {
  begun = 0;
  ended = 0;

  async [Symbol.asyncDispose](): Promise<void> {
    this.begun++;
    await turn();
    this.ended++;
  }
}

describe('a resource that ends asynchronously only', () => {
  test('has an AsyncOwned that awaits its end', async () => {
    const resource = new AsyncResource();
    {
      await using handle = own(resource);
      expect(handle).toBeInstanceOf(AsyncOwned);
      expect(handle).not.toBeInstanceOf(Owned);
      expect(Symbol.dispose in handle).toBe(false);
      expect(handle.value).toBe(resource);
      refusal(() => own(resource), 'ERR_FREEHOLD_MOVED');
    }
    expect([resource.begun, resource.ended]).toEqual([1, 1]);
  });

  test('is dead for its owner as soon as its end begins, which runs once', async () => {
    const resource = new AsyncResource();
    const handle = own(resource);
    const ending = handle.disposeAsync();
    expect(handle.state).toBe('disposed');
    refusal(() => handle.value, 'ERR_FREEHOLD_DISPOSED');
    await Promise.all([ending, handle.disposeAsync(), handle[Symbol.asyncDispose]()]);
    expect([resource.begun, resource.ended]).toEqual([1, 1]);
  });

  test('is moved, released, lent, and refused as others are', async () => {
    const resource = new AsyncResource();
    const first = own(resource);
    const second = first.move();
    expect(second).not.toBeInstanceOf(Owned);
    await first[Symbol.asyncDispose]();
    await rejection(first.disposeAsync(), 'ERR_FREEHOLD_MOVED');
    const reader = second.borrow();
    await rejection(second.disposeAsync(), 'ERR_FREEHOLD_BORROWED');
    reader.end();
    expect(second.release()).toBe(resource);
    await second[Symbol.asyncDispose]();
    expect(resource.begun).toBe(0);
    // The methods of an Owned do not end what cannot end at once.
    const third = own(resource);
    refusal(() => Owned.prototype.dispose.call(third as never), 'ERR_FREEHOLD_INVALID_RECEIVER');
    refusal(() => Owned.prototype[Symbol.dispose].call(third as never), 'ERR_FREEHOLD_INVALID_RECEIVER');
    expect(third.state).toBe('owned');
    await third.disposeAsync();
  });
});

test('what ends in both ways ends asynchronously by `await using`, and at once by `using`', async () => {
  const ends: string[] = [];
  const resource = {
    [Symbol.dispose]: () => void ends.push('sync'),
    [Symbol.asyncDispose]: async () => void ends.push('async'),
  };
  {
    await using handle = own(resource);
    expect(handle).toBeInstanceOf(Owned);
  }
  {
    using handle = own(resource);
    expect(handle.state).toBe('owned');
  }
  {
    await using handle = ownAsync(resource);
    expect(handle).not.toBeInstanceOf(Owned);
  }
  expect(ends).toEqual(['async', 'sync', 'async']);
});

describe('ownAsync', () => {
  test('awaits a function', async () => {
    const closed: number[] = [];
    const handle = ownAsync(7, async (descriptor) => {
      await turn();
      closed.push(descriptor);
    });
    await handle.disposeAsync();
    await handle.disposeAsync();
    expect(closed).toEqual([7]);
  });

  test('passes on what an end is rejected with, and the handle is dead', async () => {
    const handle = ownAsync({}, async () => {
      throw new Error('cannot close');
    });
    await expect(handle.disposeAsync()).rejects.toThrow('cannot close');
    expect(handle.state).toBe('disposed');
  });

  test('owns blocks, and what ends at once', async () => {
    using pool = new Pool({ blockBytes: 64 });
    {
      await using handle = ownAsync(pool.alloc());
      expect(handle.value.length).toBe(64);
    }
    expect(pool.blocks).toBe(0);
    let ends = 0;
    await ownAsync({ [Symbol.dispose]: () => (ends += 1) }).disposeAsync();
    expect(ends).toBe(1);
  });

  test('refuses what has no end, or is a handle', () => {
    for (const value of [undefined, null, 5, {}, own({}, () => undefined)])
      refusal(() => ownAsync(value as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => ownAsync({}, 5 as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });
});

describe('ownership across await', () => {
  test('goes from one async function to another, and ends in the last', async () => {
    using pool = new Pool({ blockBytes: 64 });
    async function produce(text: string): Promise<Owned<Block>> {
      using made = owned(pool);
      await turn();
      made.value.write(text);
      return made.move();
    }
    async function pass(handle: Owned<Block>): Promise<Owned<Block>> {
      using mine = handle.move();
      await turn();
      return mine.move();
    }
    {
      using last = await pass(await produce('hello'));
      expect(last.value.toString('latin1', 0, 5)).toBe('hello');
    }
    expect(pool.blocks).toBe(0);
  });

  test('ends what an async function owns that throws later', async () => {
    using pool = new Pool({ blockBytes: 64 });
    async function fail(): Promise<void> {
      using made = owned(pool);
      await turn();
      throw new Error(`with ${made.value.length} bytes`);
    }
    await expect(fail()).rejects.toThrow('with 64 bytes');
    expect(pool.blocks).toBe(0);
  });
});
