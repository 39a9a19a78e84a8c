import { inspect } from 'node:util';

import { Block } from '../block.ts';
import { HARMLESS } from './harmless.ts';

// What a block becomes when its life is over: whoever asks it for its contents gets an error with its history. Its elements
// cannot be told that way: by index it is empty.

const ANSWERED: ReadonlySet<PropertyKey> = new Set([...HARMLESS, Symbol.toStringTag, Symbol.dispose]);

/** What dead blocks of a class have for a prototype. `complain` makes the error, `show` is for `util.inspect`. */
export function deadPrototype(
  living: object,
  complain: (block: Block, member: string) => Error,
  show: (block: Block) => string,
): object {
  const dead = Object.create(living) as object;
  Object.defineProperty(dead, inspect.custom, {
    value(this: Block): string {
      return show(this);
    },
    configurable: true,
    writable: true,
  });
  for (let from: object | null = Block.prototype; from !== null; from = parentOf(from)) {
    if (from === Object.prototype) break;
    for (const key of Reflect.ownKeys(from)) {
      if (ANSWERED.has(key) || Object.hasOwn(dead, key)) continue;
      Object.defineProperty(dead, key, refusal(from, key, complain));
    }
  }
  return dead;
}

function parentOf(object: object): object | null {
  return Object.getPrototypeOf(object) as object | null;
}

function refusal(
  from: object,
  key: PropertyKey,
  complain: (block: Block, member: string) => Error,
): PropertyDescriptor {
  const member = typeof key === 'symbol' ? `[${key.description ?? ''}]` : String(key);
  const refuse = function (this: Block): never {
    throw complain(this, member);
  };
  return typeof Object.getOwnPropertyDescriptor(from, key)?.value === 'function'
    ? { value: refuse, configurable: true, writable: true }
    : { get: refuse, configurable: true };
}
