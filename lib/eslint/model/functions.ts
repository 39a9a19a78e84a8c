import type { AllocatorKind } from './kinds.ts';

/**
 * What a function that this package exports does with memory. Numbers are positions of arguments.
 *
 * - `allocates`: its result is a block of the default heap
 * - `reallocates`: the same, and the first argument is replaced by it
 * - `frees`: ends its first argument
 * - `owned`: a handle that owns a new block of the allocator that is the first argument
 * - `owns`: a handle that owns the first argument from now on
 * - `gives`: moves its first argument to the function that is the second
 * - `lends`: calls the second argument with a borrow of the first
 * - `defers`: its first argument runs when the result is disposed
 * - `scopes`: calls a function at once, with something that ends when it has returned
 * - `creates`: a struct in a block of the allocator that is the first argument
 * - `wraps`: an allocator over others
 * - `names`: about the arena whose name is the first argument
 * - `hands`: gives its first argument back
 */
export type FunctionModel =
  | { readonly does: 'allocates' | 'reallocates' | 'frees' | 'owned' | 'owns' | 'gives' | 'lends' }
  | { readonly does: 'defers' | 'creates' | 'wraps' | 'hands' | 'inspects' | 'marks' }
  | { readonly does: 'scopes'; readonly body: number; readonly passes: Passed }
  | { readonly does: 'is allocator'; readonly kind: AllocatorKind }
  | { readonly does: 'names'; readonly effect: 'makes' | 'gets' | 'resets' | 'destroys' };

/** What a function that runs in a scope is called with. */
export type Passed = 'scope' | 'arena' | 'automatic scope' | 'heap' | 'first argument' | 'nothing';

/** By the names that the package exports. What is not here does nothing with memory that matters. */
export const FUNCTIONS: ReadonlyMap<string, FunctionModel> = new Map<string, FunctionModel>([
  ['allocate', { does: 'allocates' }],
  ['allocateAligned', { does: 'allocates' }],
  ['reallocate', { does: 'reallocates' }],
  ['free', { does: 'frees' }],
  ['destroy', { does: 'frees' }],
  ['drop', { does: 'frees' }],
  ['owned', { does: 'owned' }],
  ['own', { does: 'owns' }],
  ['ownAsync', { does: 'owns' }],
  ['give', { does: 'gives' }],
  ['borrow', { does: 'lends' }],
  ['borrowMut', { does: 'lends' }],
  ['defer', { does: 'defers' }],
  ['deferAsync', { does: 'defers' }],
  ['create', { does: 'creates' }],
  ['keep', { does: 'hands' }],
  ['isAlive', { does: 'inspects' }],
  ['returnsOwnership', { does: 'marks' }],
  ['takesOwnership', { does: 'marks' }],
  ['scoped', { does: 'scopes', body: 0, passes: 'scope' }],
  ['withArena', { does: 'scopes', body: 0, passes: 'arena' }],
  ['withAuto', { does: 'scopes', body: 0, passes: 'automatic scope' }],
  ['auto', { does: 'scopes', body: 0, passes: 'automatic scope' }],
  ['withManual', { does: 'scopes', body: 0, passes: 'heap' }],
  ['withAllocator', { does: 'scopes', body: 1, passes: 'first argument' }],
  ['expectNoLeaks', { does: 'scopes', body: 0, passes: 'nothing' }],
  ['limited', { does: 'wraps' }],
  ['failing', { does: 'wraps' }],
  ['fallback', { does: 'wraps' }],
  ['logging', { does: 'wraps' }],
  ['tracking', { does: 'wraps' }],
  ['testingAllocator', { does: 'is allocator', kind: 'heap' }],
  ['defaultHeap', { does: 'is allocator', kind: 'heap' }],
  ['defaultRcHeap', { does: 'is allocator', kind: 'rc heap' }],
  ['pageAllocator', { does: 'is allocator', kind: 'pages' }],
  ['currentAllocator', { does: 'is allocator', kind: 'allocator' }],
  ['currentArena', { does: 'is allocator', kind: 'arena' }],
  ['createArena', { does: 'names', effect: 'makes' }],
  ['getArena', { does: 'names', effect: 'gets' }],
  ['resetArena', { does: 'names', effect: 'resets' }],
  ['destroyArena', { does: 'names', effect: 'destroys' }],
]);
