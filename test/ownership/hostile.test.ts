import { inspect } from 'node:util';
import {
  AsyncDeferred,
  AsyncOwned,
  AsyncScope,
  Borrowed,
  BorrowedMut,
  Deferred,
  FreeholdError,
  Owned,
  Pool,
  Scope,
  own,
  ownAsync,
  owned,
} from 'freehold';
import { describe, expect, test } from 'vitest';

import { refusal } from '../lib/codes.ts';

const pool = new Pool({ blockBytes: 64 });
const owner = owned(pool);
const instances = {
  Owned: owner,
  AsyncOwned: ownAsync({ [Symbol.asyncDispose]: async () => undefined }),
  Borrowed: owned(pool).borrow(),
  BorrowedMut: owned(pool).borrowMut(),
  Deferred: new Deferred(() => undefined),
  AsyncDeferred: new AsyncDeferred(() => undefined),
  Scope: new Scope(),
  AsyncScope: new AsyncScope(),
};
const classes = { Owned, AsyncOwned, Borrowed, BorrowedMut, Deferred, AsyncDeferred, Scope, AsyncScope };
type Name = keyof typeof classes;
const names = Object.keys(classes) as Name[];

/** The code of what a call throws, or its promise is rejected with. */
async function codeOf(run: () => unknown): Promise<string> {
  try {
    await run();
    return 'ok';
  } catch (error) {
    return error instanceof FreeholdError ? error.code : String(error);
  }
}

describe.each(names)('every member of %s', (name) => {
  const prototype = classes[name].prototype as object;
  const strangers = [
    ...[undefined, null, 5, 'text', {}, [], () => undefined, prototype],
    ...names.filter((other) => other !== name).map((other) => instances[other]),
    Object.create(instances[name]) as object,
    new Proxy(instances[name], {}),
  ];
  const keys = Reflect.ownKeys(prototype).filter((key) => key !== 'constructor');

  test.each(keys.map((key) => [String(key), key] as const))('refuses other receivers: %s', async (_, key) => {
    const { get, value } = Object.getOwnPropertyDescriptor(prototype, key)!;
    const member = (get ?? value) as (this: unknown, ...args: unknown[]) => unknown;
    for (const receiver of strangers)
      expect(await codeOf(() => member.call(receiver, () => undefined))).toBe(
        'ERR_FREEHOLD_INVALID_RECEIVER',
      );
  });
});

test('what a program puts on its objects and prototypes is not asked', () => {
  using handle = owned(pool);
  const block = handle.value;
  const before = pool.blocks;
  Object.defineProperty(block, Symbol.dispose, { value: () => undefined });
  Object.defineProperty(block, 'allocator', { value: { owns: () => true, free: () => undefined } });
  Object.defineProperty(block, 'length', { value: 0 });
  handle.dispose();
  expect(pool.blocks).toBe(before - 1);
});

test('a resource whose getters do as they like is owned once', () => {
  let inner: Owned<object> | undefined;
  let asked = 0;
  const resource = {
    get [Symbol.dispose](): () => void {
      if (asked++ === 0) inner = own(resource as Disposable);
      return () => undefined;
    },
  };
  refusal(() => own(resource), 'ERR_FREEHOLD_MOVED');
  expect(inner?.state).toBe('owned');
  const throwing = {
    get [Symbol.dispose](): () => void {
      throw new RangeError('not now');
    },
  };
  expect(() => own(throwing)).toThrow(RangeError);
});

test('a handle whose class a program takes to make others is not copied', () => {
  const Kind = owner.constructor as new (value: unknown) => unknown;
  for (const value of [
    owner,
    Object.assign({}, owner),
    JSON.parse(JSON.stringify(owner)),
    instances.Borrowed,
    undefined,
  ])
    refusal(() => new Kind(value), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  expect(() => structuredClone(owner)).not.toThrow();
  expect(inspect(structuredClone(owner))).not.toContain('Owned {');
});

test('the end of the stack within a cleanup leaves the others to run', () => {
  const ran: string[] = [];
  const scope = new Scope();
  scope.defer(() => ran.push('last'));
  const deeper = (): number => deeper() + 1;
  scope.defer(() => void deeper());
  expect(() => scope.dispose()).toThrow(RangeError);
  expect(ran).toEqual(['last']);
});
