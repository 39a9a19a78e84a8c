import type { Expected } from '../outcome.ts';
import { type Group, crash, later, rowsOf, told, undetected, withStacks } from './row.ts';

const row = rowsOf('dangling');

const LARGE = 'Arena, 1,000,000 bytes';
const changed = undetected('the bytes that it was have changed');
const oldBytes = undetected('the old bytes were read');
const poison = undetected('0xDD was read');
const heap = '64 bytes, heap "heap"';
const arena = '64 bytes, arena "arena"';

const ENDS = {
  freed: 'the block was freed',
  ended: 'the block ended with a reset, rewind or dispose of its allocator',
  reallocated: 'the block was replaced by realloc() before',
};

/** Found when the process ends, by what the freed memory was filled with. */
export function atExit(block: string, how: keyof typeof ENDS): Expected {
  const { source } = withStacks(
    `byte 0 of a block (${block}) was written to after ${ENDS[how]}: by native code that still had its address`,
    'allocated',
    how,
  );
  return told(1, new RegExp(`^freehold: found at exit: FreeholdError: ${source.slice(1)}`));
}

export function freedTouch(access: string, bytes: number, of: string): Expected {
  return crash(
    'use after free',
    `${access}, 0 bytes from the beginning of a freed block of ${bytes} bytes`,
    of,
  );
}

const heapTouch = (access: string) => freedTouch(access, 64, 'heap "heap"');
const arenaTouch = (access: string, bytes = 64) => freedTouch(access, bytes, 'arena "arena"');

export const dangling: Group = {
  file: 'dangling',
  title: 'Use after the end of a block',
  by: 'native code',
  alone: false,
  rows: [
    row('write', 'write after free', 'Heap, 64 bytes', [changed, atExit(heap, 'freed'), heapTouch('write')], {
      hardened: ['write_after_free_small'],
      bench: ['write_after_free', 'write_after_free_small'],
    }),
    row(
      'reuse',
      'write after the memory could be used again',
      'Heap, 64 bytes',
      [
        undetected('the next block has changed'),
        later(
          'reuse',
          'CORRUPTION',
          withStacks(
            `byte 0 of a block (${heap}) was written to after the block was freed`,
            'allocated',
            'freed',
          ),
        ),
        heapTouch('write'),
      ],
      {
        hardened: ['write_after_free_small_reuse'],
        bench: ['write_after_free_reuse', 'write_after_free_small_reuse'],
      },
    ),
    row('read', 'read after free', 'Heap, 64 bytes', [oldBytes, poison, heapTouch('read')], {
      hardened: ['read_after_free_small'],
    }),
    row(
      'write-large',
      'write after reset',
      LARGE,
      [changed, atExit('1000000 bytes, arena "arena"', 'ended'), arenaTouch('write', 1_000_000), changed],
      {
        hardened: [
          'write_after_free_large',
          'write_after_free_large_reuse',
          'quarantine_write_after_free_extended_reuse',
        ],
        bench: ['write_after_free_large', 'write_after_free_large_reuse'],
      },
    ),
    row(
      'read-large',
      'read after reset',
      LARGE,
      [oldBytes, poison, arenaTouch('read', 1_000_000), oldBytes],
      {
        hardened: ['read_after_free_large'],
      },
    ),
    row('reset', 'write after reset', 'Arena, 64 bytes', [
      changed,
      atExit(arena, 'ended'),
      arenaTouch('write'),
    ]),
    row('reset-read', 'read after reset', 'Arena, 64 bytes', [oldBytes, poison, arenaTouch('read')]),
    row('rewind', 'write after rewind', 'Arena, 64 bytes', [
      changed,
      atExit(arena, 'ended'),
      arenaTouch('write'),
    ]),
    row('realloc', 'write to the old block after realloc()', 'Heap, 64 bytes', [
      changed,
      atExit(heap, 'reallocated'),
      heapTouch('write'),
    ]),
    row('realloc-read', 'read of the old block after realloc()', 'Heap, 64 bytes', [
      oldBytes,
      poison,
      heapTouch('read'),
    ]),
  ],
};
