// Memory for C: addresses, what C libraries own, and what they are lent. The guide is docs/ffi.md.
export { addressOf } from '../address-of.ts';
export { borrow, pinnedAll } from './borrow.ts';
export type { CallbackOptions } from './callback-options.ts';
export type {
  AllocatorCallbacks,
  CallbackStats,
  ContextFunctions,
  LibraryBlock,
  PlainFunctions,
} from './callbacks.ts';
export { type CStringOptions, cString } from './c-string.ts';
export { type AsyncFunction, callAsync } from './call-async.ts';
export type { ForeignMemory, ForeignStats } from './foreign-memory.ts';
export type { FreeForeign, FromAddressOptions } from './foreign-options.ts';
export { fromAddress } from './from-address.ts';
export {
  type LibraryFunctions,
  type LibraryFunctionsOptions,
  libraryFunctions,
} from './library-functions.ts';
export { type LoanStats, lend, loanStats } from './lend.ts';
export type { LendOptions, Loan } from './loan.ts';
export { type Pointee, cStrings, pointers, readPointers } from './pointers.ts';
export { type ReadCStringOptions, readCString } from './read-c-string.ts';
export type { TextEncoding } from './text.ts';
