import type { Expected } from '../outcome.ts';
import { type Group, error, prevented, rowsOf, undetected, withStacks } from './row.ts';

const row = rowsOf('use-after');

const oldBytes = undetected('the old bytes were read');
const changed = undetected('the bytes have changed');
const empty = prevented('ERR_BUFFER_OUT_OF_BOUNDS');
const noElement = prevented('there is no such element');

const ENDS = {
  freed: 'which was freed before',
  ended: 'which ended with a reset, rewind or dispose of its allocator',
  reallocated: 'which was replaced by realloc() before',
};

function found(member: string, block: string, how: keyof typeof ENDS = 'freed'): Expected {
  return error(
    'USE_AFTER_FREE',
    withStacks(`${member} of a block (${block}), ${ENDS[how]}`, 'allocated', how),
  );
}

const heap = '64 bytes, heap "heap"';
const large = '1048576 bytes, heap "heap"';
const arena = '64 bytes, arena "arena"';
const ended = found('readUInt8', arena, 'ended');

export const useAfter: Group = {
  file: 'use-after',
  title: 'Use after the end of a block',
  by: 'JavaScript',
  alone: false,
  rows: [
    row('read', 'read after free', 'Heap, 64 bytes', [oldBytes, found('readUInt8', heap)], {
      hardened: ['read_after_free_small'],
    }),
    row('write', 'write after free', 'Heap, 64 bytes', [changed, found('writeUInt8', heap)], {
      hardened: ['write_after_free_small'],
      bench: ['write_after_free', 'write_after_free_small'],
    }),
    row('index', 'write after free, by index', 'Heap, 64 bytes', [changed, noElement]),
    row(
      'reuse',
      'write after another block got the memory',
      'Heap, 64 bytes',
      [undetected('the next block has changed'), found('writeUInt8', heap)],
      {
        hardened: ['write_after_free_small_reuse'],
        bench: ['write_after_free_reuse', 'write_after_free_small_reuse'],
      },
    ),
    row('read-isolated', 'read after free, `isolate: true`', 'Heap, 64 bytes', [
      empty,
      found('readUInt8', heap),
    ]),
    row(
      'read-large',
      'read after free',
      'Heap, 1 MiB',
      [empty, found('readUInt8', large), found('readUInt8', large), empty],
      {
        hardened: ['read_after_free_large'],
      },
    ),
    row(
      'write-large',
      'write after free',
      'Heap, 1 MiB',
      [empty, found('writeUInt8', large), found('writeUInt8', large), empty],
      {
        hardened: ['write_after_free_large'],
        bench: ['write_after_free_large'],
      },
    ),
    row(
      'reuse-large',
      'write after another block got the memory',
      'Heap, 1 MiB',
      [empty, found('writeUInt8', large), found('writeUInt8', large), empty],
      {
        hardened: ['write_after_free_large_reuse'],
        bench: ['write_after_free_large_reuse'],
      },
    ),
    row('length', 'the length of a freed block', 'Heap', [undetected('it is 64'), prevented('it is 0')], {
      hardened: [
        'invalid_malloc_object_size_small',
        'invalid_malloc_object_size_small_canary',
        'invalid_malloc_object_size_small_quarantine',
        'quarantine_invalid_malloc_object_size_extended',
      ],
    }),
    row(
      'usable-size',
      'usableSize() of a freed block',
      'Heap',
      [error('DOUBLE_FREE', /^this block of heap "heap" was freed before/)],
      {
        hardened: [
          'invalid_malloc_usable_size_small',
          'invalid_malloc_usable_size_small_quarantine',
          'invalid_malloc_usable_size_small_unused',
          'quarantine_invalid_malloc_usable_size_extended',
        ],
      },
    ),
    row('address', 'the address of a freed block', 'Heap', [
      undetected('it has one'),
      found('address', heap),
    ]),
    row('other-view', 'by a DataView from before', 'Heap', [oldBytes, prevented('TypeError')]),
    row('realloc', 'read of the old block after realloc()', 'Heap', [
      oldBytes,
      found('readUInt8', heap, 'reallocated'),
    ]),
    row(
      'realloc-zero',
      'read of the old block after realloc() to 0',
      'Heap',
      [oldBytes, found('readUInt8', heap, 'reallocated')],
      { hardened: ['realloc_c23_undefined_behaviour_use_after_free'] },
    ),
    row(
      'realloc-shrink',
      'read of the old block after realloc() to half',
      'Heap, 1 MiB',
      [empty, found('readUInt8', large, 'reallocated'), found('readUInt8', large, 'reallocated'), empty],
      { hardened: ['read_after_realloc_shrink_large'] },
    ),
    row('reset', 'read after reset', 'Arena', [empty, ended]),
    row('reset-write', 'write after reset', 'Arena', [empty, found('writeUInt8', arena, 'ended')]),
    row('reset-reuse', "read after reset in mode 'reuse'", 'Arena', [oldBytes, ended]),
    row('rewind', 'read after rewind', 'Arena', [empty, ended]),
    row('dispose', 'read after dispose', 'Arena', [empty, ended]),
    row('pool', 'read after free', 'Pool', [oldBytes, found('readUInt8', '64 bytes, pool "pool"')]),
    row('release', 'read after the last release', 'RcHeap', [
      oldBytes,
      found('readUInt8', '64 bytes, rc "rc heap"'),
    ]),
    row('frame', 'read after the end of a frame', 'Stack', [
      empty,
      found('readUInt8', '64 bytes, stack "stack"', 'ended'),
    ]),
    row('fixed-buffer', 'read after free', 'FixedBuffer', [
      oldBytes,
      found('readUInt8', '64 bytes, fixed "fixed"'),
      found('readUInt8', '64 bytes, fixed "fixed"'),
      oldBytes,
    ]),
    row('struct', 'of a struct whose block was freed', 'Pool', [
      oldBytes,
      error('USE_AFTER_FREE', /^struct\.x: the memory of the struct is gone/),
    ]),
  ],
};
