import { type Group, error, rowsOf, undetected, withStacks } from './row.ts';

const row = rowsOf('double-free');

const plain = error(
  'DOUBLE_FREE',
  /^this block of heap "heap" was freed before; who frees it must be its only owner$/,
);
const traced = (block: string, end = 'was freed before') =>
  error(
    'DOUBLE_FREE',
    end.includes('realloc')
      ? withStacks(`this block (${block}) ${end}`, 'allocated', 'reallocated', 'freed again')
      : withStacks(`this block (${block}) ${end}`, 'allocated', 'freed first', 'freed again'),
  );
const small = traced('64 bytes, heap "heap"');
const large = traced('1048576 bytes, heap "heap"');
const lost = undetected('the block that has the memory now was freed');
const staleHandle = error('USE_AFTER_FREE', /^handle 0 of pool "pool" is not in use: it was freed$/);

export const doubleFree: Group = {
  file: 'double-free',
  title: 'Double free',
  by: 'JavaScript',
  alone: false,
  rows: [
    row('small', 'at once', 'Heap, 64 bytes', [plain, small], {
      hardened: ['double_free_small'],
      bench: ['double_free', 'double_free_small'],
    }),
    row('delayed', 'after 1,024 other blocks', 'Heap, 64 bytes', [plain, small], {
      hardened: ['double_free_small_delayed'],
      bench: ['double_free_delayed', 'double_free_small_delayed'],
    }),
    row('interleaved', 'after the free of another block', 'Heap, 64 bytes', [plain, small], {
      bench: ['double_free_interleaved', 'double_free_small_interleaved'],
    }),
    row('reuse', 'after another block got the memory', 'Heap, 64 bytes', [lost, small], {
      bench: ['double_free_reuse', 'double_free_single_reuse', 'double_free_small_reuse'],
    }),
    row('large', 'at once', 'Heap, 1 MiB', [plain, large, large, plain], {
      hardened: ['double_free_large', 'quarantine_double_free_extended'],
      bench: ['double_free_large'],
    }),
    row('large-delayed', 'after 1,024 other blocks', 'Heap, 1 MiB', [plain, large, large, plain], {
      hardened: ['double_free_large_delayed', 'quarantine_double_free_extended_delayed'],
      bench: ['double_free_large_delayed'],
    }),
    row('large-interleaved', 'after the free of another block', 'Heap, 1 MiB', [plain, large, large, plain], {
      bench: ['double_free_large_interleaved'],
    }),
    row('large-reuse', 'after another block got the memory', 'Heap, 1 MiB', [plain, large, large, plain], {
      bench: ['double_free_large_reuse'],
    }),
    row('other-view', 'by another view of the same bytes', 'Heap', [plain, small]),
    row(
      'realloc',
      'of a block that realloc() has replaced',
      'Heap',
      [plain, traced('64 bytes, heap "heap"', 'was replaced by realloc() before')],
      {
        hardened: ['realloc_c23_undefined_behaviour', 'realloc_c23_undefined_behaviour_double_free'],
      },
    ),
    row('arena', 'of the newest block', 'Arena', [
      error('DOUBLE_FREE', /^this block of arena "arena" \(64 bytes at offset 0\) was freed before/),
      traced('64 bytes, arena "arena"'),
    ]),
    row('pages', 'at once', 'pageAllocator', [
      error('DOUBLE_FREE', /^this block of page allocator "pages" was freed before/),
      traced('64 bytes, pages "pages"'),
    ]),
    row('fixed-buffer', 'of the newest block', 'FixedBuffer', [
      error(
        'DOUBLE_FREE',
        /^this block of fixed buffer "fixed" \(64 bytes\) was freed before, or is from before a reset/,
      ),
      traced('64 bytes, fixed "fixed"'),
      traced('64 bytes, fixed "fixed"'),
      error(
        'DOUBLE_FREE',
        /^this block of fixed buffer "fixed" \(64 bytes\) was freed before, or is from before a reset/,
      ),
    ]),
    row('index', 'by its index', 'Pool', [
      error(
        'DOUBLE_FREE',
        /^the block at index 0 of pool "pool" was freed before; who frees it must be its only owner/,
      ),
      traced('64 bytes, pool "pool"'),
    ]),
    row('handle', 'by its handle, after another block got the slot', 'Pool', [staleHandle]),
    row('release', 'release() of a counted block', 'RcHeap', [
      error('DOUBLE_FREE', /^this Rc of rc heap "rc heap" was released before$/),
      traced('64 bytes, rc "rc heap"'),
    ]),
  ],
};
