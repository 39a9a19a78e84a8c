import { HARMLESS } from '../../debug/harmless.ts';
import type { ThingKind } from './kinds.ts';

/**
 * What a method does with memory, by what it is called on.
 *
 * - `allocates`: a new block; `may allocate`: the same, or null
 * - `reallocates`: a new block for the first argument, which ends
 * - `frees`: ends the first argument
 * - `ends`: ends the receiver, and what it has to end
 * - `ends blocks`: of the receiver, all of them; `rewinds`: those since the mark that is the first argument
 * - `moves`: the result is what the receiver was, which is dead from now on
 * - `releases`: gives out what the receiver has owned; `hands out`: gives the first argument out of the receiver
 * - `takes`: the receiver ends the first argument from now on, and gives it back
 * - `adopts`: the receiver calls the second argument with the first at its end
 * - `defers`: the receiver calls the first argument at its end; `defers if failed`: only when it has failed
 * - `succeeds`, `fails`: whether the receiver does at its end what is for failures only
 * - `shows`: the result is what the receiver owns; `shows part`: a view of a part of it
 * - `inspects`: harmless, also when the receiver is dead
 */
export type MethodModel =
  | 'allocates'
  | 'may allocate'
  | 'reallocates'
  | 'frees'
  | 'ends'
  | 'ends strictly'
  | 'ends blocks'
  | 'rewinds'
  | 'marks'
  | 'opens frame'
  | 'runs in frame'
  | 'promotes'
  | 'pins'
  | 'runs pinned'
  | 'moves'
  | 'releases'
  | 'hands out'
  | 'lends'
  | 'takes'
  | 'adopts'
  | 'defers'
  | 'defers if failed'
  | 'cancels'
  | 'transfers'
  | 'succeeds'
  | 'fails'
  | 'retains'
  | 'shows'
  | 'shows part'
  | 'inspects';

const ALLOCATES = ['alloc', 'allocUnsafe', 'array', 'copy', 'string', 'cString'].map(
  (name) => [name, 'allocates'] as const,
);

/** What may be asked of anything, dead or not. */
const INSPECTS = [...HARMLESS, '@@toStringTag'].map((name) => [name, 'inspects'] as const);

const BLOCK = [...INSPECTS, ['@@dispose', 'ends'], ['pin', 'pins'], ['subarray', 'shows part']] as const;

type Entries = readonly (readonly [string, MethodModel])[];

const table = (...entries: Entries): ReadonlyMap<string, MethodModel> => new Map(entries);

/** By what the receiver is, and the name of the method. `@@dispose` is `[Symbol.dispose]`. */
export const METHODS: Readonly<Record<ThingKind, ReadonlyMap<string, MethodModel>>> = {
  allocator: table(
    ...INSPECTS,
    ...ALLOCATES,
    ['tryAlloc', 'may allocate'],
    ['realloc', 'reallocates'],
    ['free', 'frees'],
    ['reset', 'ends blocks'],
    ['rewind', 'rewinds'],
    ['mark', 'marks'],
    ['frame', 'opens frame'],
    ['scope', 'runs in frame'],
    ['promote', 'promotes'],
    ['pin', 'pins'],
    ['pinned', 'runs pinned'],
    ['dispose', 'ends'],
    ['end', 'ends'],
    ['@@dispose', 'ends'],
    ['stats', 'inspects'],
    ['disposed', 'inspects'],
    ['name', 'inspects'],
    ['owns', 'inspects'],
    ['used', 'inspects'],
    ['blocks', 'inspects'],
    ['open', 'inspects'],
    ['view', 'inspects'],
  ),
  block: table(...BLOCK),
  struct: table(...INSPECTS, ['@@dispose', 'ends']),
  rc: table(...BLOCK, ['release', 'ends strictly'], ['retain', 'retains']),
  handle: table(
    ['value', 'shows'],
    ['state', 'inspects'],
    ['borrows', 'inspects'],
    ['toJSON', 'inspects'],
    ['move', 'moves'],
    ['release', 'releases'],
    ['borrow', 'lends'],
    ['borrowMut', 'lends'],
    ['dispose', 'ends'],
    ['disposeAsync', 'ends'],
    ['@@dispose', 'ends'],
    ['@@asyncDispose', 'ends'],
  ),
  borrow: table(['value', 'shows'], ['ended', 'inspects'], ['end', 'ends'], ['@@dispose', 'ends']),
  pin: table(['release', 'ends'], ['@@dispose', 'ends'], ['toJSON', 'inspects']),
  scope: table(
    ['defer', 'defers'],
    ['errdefer', 'defers if failed'],
    ['own', 'takes'],
    ['use', 'takes'],
    ['adopt', 'adopts'],
    ['release', 'hands out'],
    ['transfer', 'transfers'],
    ['succeed', 'succeeds'],
    ['fail', 'fails'],
    ['state', 'inspects'],
    ['failed', 'inspects'],
    ['pending', 'inspects'],
    ['dispose', 'ends'],
    ['disposeAsync', 'ends'],
    ['@@dispose', 'ends'],
    ['@@asyncDispose', 'ends'],
  ),
  deferred: table(
    ['cancel', 'cancels'],
    ['pending', 'inspects'],
    ['@@dispose', 'ends'],
    ['@@asyncDispose', 'ends'],
  ),
  mark: table(['@@dispose', 'ends'], ['toJSON', 'inspects']),
};
