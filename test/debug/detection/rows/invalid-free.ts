import { type Group, error, rowsOf, withStacks } from './row.ts';

const row = rowsOf('invalid-free');

const refused = (what: string) =>
  error(
    'INVALID_FREE',
    new RegExp(
      `^${what} is not a block of heap "heap"; give it to the allocator it came from, from its first byte(?![^])`,
    ),
  );
const stranger = refused('an object');
/** The same, with the stack of the block that the view is a part of. */
const part = error(
  'INVALID_FREE',
  withStacks('an object is not a block of heap "heap"; give it to the allocator it came from', 'allocated'),
);
const wrong = (block: string) =>
  error(
    'INVALID_FREE',
    withStacks(
      `this block (${block}) was given to heap "heap"; free it with the allocator it is from`,
      'allocated',
    ),
  );

export const invalidFree: Group = {
  file: 'invalid-free',
  title: 'Invalid free',
  by: 'JavaScript',
  alone: false,
  rows: [
    row('interior', 'one byte into the block', 'Heap, 64 bytes', [stranger, part], {
      hardened: ['unaligned_free_small'],
      bench: ['invalid_free_unaligned', 'unaligned_free_small'],
    }),
    row('interior-8', 'eight bytes into the block', 'Heap, 64 bytes', [stranger, part], {
      bench: ['invalid_free_unaligned_multiple'],
    }),
    row('interior-large', 'one byte into the block', 'Heap, 1 MiB', [stranger, part, part, stranger], {
      hardened: ['unaligned_free_large'],
      bench: ['unaligned_free_large'],
    }),
    row('region', 'memory of the allocator that is no block', 'Heap', [stranger, part], {
      hardened: ['invalid_free_small_region'],
      bench: ['invalid_free', 'invalid_free_close'],
    }),
    row('foreign', 'memory of somebody else', 'Heap', [stranger], {
      hardened: ['invalid_free_unprotected'],
      bench: ['invalid_free_stack', 'invalid_free_alloca'],
    }),
    row('address', 'an address, wherever it leads', 'Heap', [refused('\\d+n')], {
      hardened: ['invalid_free_protected', 'invalid_free_small_region_far', 'uninitialized_free'],
      bench: ['invalid_free_far'],
    }),
    row('nothing', 'what is no view at all', 'Heap', [refused('undefined')]),
    row('forged', 'a Block that the program has made', 'Heap', [stranger]),
    row('wrong-heap', 'wrong allocator: a block of another heap', 'Heap', [
      stranger,
      wrong('64 bytes, heap "heap"'),
    ]),
    row('wrong-kind', 'wrong allocator: a block of a pool', 'Heap', [
      stranger,
      wrong('64 bytes, pool "pool"'),
    ]),
    row('wrong-arena', 'wrong allocator: a block of an arena', 'Heap', [
      stranger,
      wrong('64 bytes, arena "arena"'),
    ]),
    row('realloc-foreign', 'realloc() of memory of somebody else', 'Heap', [stranger], {
      hardened: ['uninitialized_realloc'],
    }),
    row('size-foreign', 'usableSize() of memory of somebody else', 'Heap', [stranger], {
      hardened: ['uninitialized_malloc_usable_size'],
    }),
    row('size-interior', 'usableSize() one byte into the block', 'Heap', [stranger], {
      hardened: ['unaligned_malloc_usable_size_small'],
    }),
    row('realloc-freed', 'realloc() of a freed block', 'Heap', [
      error(
        'DOUBLE_FREE',
        /^this block of heap "heap" was freed before; who frees it must be its only owner$/,
      ),
      error(
        'DOUBLE_FREE',
        withStacks(
          'this block (64 bytes, heap "heap") was freed before',
          'allocated',
          'freed first',
          'freed again',
        ),
      ),
    ]),
    row('after-dispose', 'after the end of the allocator', 'Heap', [
      error('DISPOSED', /^heap "heap" was disposed; make a new one, or dispose it later$/),
    ]),
  ],
};
