import { checkFunction, checkName, readOptions } from '../validate.ts';
import { checkAddress, checkObject, checkReadable } from './address.ts';

/** Frees what a library has made: the address of a `void (*)(void *)`, or a function of the program's. */
export type FreeForeign = bigint | ((address: bigint) => void);

/** What is known of memory that a library has made. */
export interface FromAddressOptions {
  /**
   * What the memory depends on: it is kept as long as any view of the memory is, in any thread. It must not lead back to the block,
   * or neither is ever collected: then end the block yourself.
   */
  owner?: object;
  /**
   * Frees the memory, which is adopted with this: called once, with its address, when the block is freed or nothing reaches its
   * memory any more. A native function may be called on this thread at any time, also when a worker ends, and must not run
   * JavaScript; its library must stay loaded. A function of the program's is called from the event loop, or by what frees the
   * block; not at the end of the thread.
   */
  free?: FreeForeign;
  /** A name for messages. Default: `'foreign'`. */
  name?: string;
}

/** The same, checked. */
export interface ForeignSettings {
  readonly owner: object | undefined;
  readonly free: FreeForeign | undefined;
  readonly name: string;
}

export function readForeignOptions(options: FromAddressOptions | undefined): ForeignSettings {
  const { owner, free, name = 'foreign' } = readOptions(options, ['owner', 'free', 'name'], 'fromAddress');
  if (owner !== undefined) checkObject(owner, 'owner');
  if (typeof free === 'bigint') checkReadable(checkAddress(free, 'free'), 'free');
  else if (free !== undefined) checkFunction(free, 'free');
  return { owner, free, name: checkName(name) };
}
