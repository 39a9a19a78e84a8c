/** What an allocator is, as far as the end of its blocks goes. */
export type AllocatorKind =
  | 'arena'
  | 'stack'
  | 'frame'
  | 'fixed buffer'
  | 'automatic scope'
  | 'heap'
  | 'pool'
  | 'rc heap'
  | 'pages'
  | 'allocator';

/** What a tracked thing is. */
export type ThingKind =
  'allocator' | 'block' | 'rc' | 'struct' | 'handle' | 'borrow' | 'pin' | 'scope' | 'deferred' | 'mark';

/**
 * Whether somebody has to end a thing: `'hard'`, for what leaks otherwise; `'soft'`, for blocks of an allocator whose kind is not
 * known, which may end them itself; `'none'`.
 */
export type Duty = 'hard' | 'soft' | 'none';

/** Allocators that end all their blocks together: nobody has to free one. */
const REGIONS: ReadonlySet<AllocatorKind> = new Set([
  'arena',
  'stack',
  'frame',
  'fixed buffer',
  'automatic scope',
]);

/** Whether an allocator ends its blocks itself, all together. */
export function isRegion(kind: AllocatorKind): boolean {
  return REGIONS.has(kind);
}

/** Who has to end the blocks of an allocator. */
export function dutyOfBlocks(kind: AllocatorKind): Duty {
  if (isRegion(kind)) return 'none';
  return kind === 'allocator' ? 'soft' : 'hard';
}

/** The classes of this package whose instances are allocators, and whether the program has to dispose what it makes of them. */
export const ALLOCATOR_CLASSES: ReadonlyMap<string, { readonly kind: AllocatorKind; readonly duty: Duty }> =
  new Map([
    ['Arena', { kind: 'arena', duty: 'hard' }],
    ['Heap', { kind: 'heap', duty: 'hard' }],
    ['Pool', { kind: 'pool', duty: 'hard' }],
    ['RcHeap', { kind: 'rc heap', duty: 'hard' }],
    ['Stack', { kind: 'stack', duty: 'hard' }],
    ['PageAllocator', { kind: 'pages', duty: 'none' }],
    // Its memory is the caller's.
    ['FixedBuffer', { kind: 'fixed buffer', duty: 'none' }],
  ]);

/** The types of this package, and what a value of such a type is. */
export const TYPES: ReadonlyMap<string, { readonly what: ThingKind; readonly kind?: AllocatorKind }> =
  new Map<string, { readonly what: ThingKind; readonly kind?: AllocatorKind }>([
    ['Arena', { what: 'allocator', kind: 'arena' }],
    ['Heap', { what: 'allocator', kind: 'heap' }],
    ['Pool', { what: 'allocator', kind: 'pool' }],
    ['RcHeap', { what: 'allocator', kind: 'rc heap' }],
    ['Stack', { what: 'allocator', kind: 'stack' }],
    ['StackFrame', { what: 'allocator', kind: 'frame' }],
    ['FixedBuffer', { what: 'allocator', kind: 'fixed buffer' }],
    ['PageAllocator', { what: 'allocator', kind: 'pages' }],
    ['AutomaticAllocator', { what: 'allocator', kind: 'automatic scope' }],
    ['Allocator', { what: 'allocator', kind: 'allocator' }],
    ['BlockAllocator', { what: 'allocator', kind: 'allocator' }],
    ['Wrapper', { what: 'allocator', kind: 'allocator' }],
    ['LimitedAllocator', { what: 'allocator', kind: 'allocator' }],
    ['FailingAllocator', { what: 'allocator', kind: 'allocator' }],
    ['FallbackAllocator', { what: 'allocator', kind: 'allocator' }],
    ['LoggingAllocator', { what: 'allocator', kind: 'allocator' }],
    ['TrackingAllocator', { what: 'allocator', kind: 'allocator' }],
    ['Block', { what: 'block' }],
    ['Rc', { what: 'rc' }],
    ['Owned', { what: 'handle' }],
    ['AsyncOwned', { what: 'handle' }],
    ['Borrowed', { what: 'borrow' }],
    ['BorrowedMut', { what: 'borrow' }],
    ['Pin', { what: 'pin' }],
    ['Scope', { what: 'scope' }],
    ['AsyncScope', { what: 'scope' }],
    ['ArenaMark', { what: 'mark' }],
  ]);
