import { type Expected } from '../outcome.ts';
import { type Group, crash, later, rowsOf, undetected, withStacks } from './row.ts';

const row = rowsOf('beyond');

const SMALL = 'Heap, 64 bytes';
const LARGE = 'Arena, 1,000,000 bytes';
const changed = undetected('bytes beside the block have changed');
const byteChanged = undetected('a byte behind the block has changed');
const otherChanged = undetected('another block has changed');
const wasRead = undetected('the bytes beside the block were read');

/** A canary, or a byte of the page that the block is in. */
function atFree(place: string, block: string): Expected {
  const how = place.includes('before') ? 'under' : 'over';
  return later(
    'free',
    'CORRUPTION',
    withStacks(`byte ${place} a block (${block}) was written to while it lived: an ${how}flow`, 'allocated'),
  );
}

const heap = '64 bytes, heap "heap"';
const arena = '1000000 bytes, arena "arena"';
const over = (where: string, of: string) => crash('buffer overflow', where, of);
const under = (where: string, of: string) => crash('buffer underflow', where, of);
const overSmall = over('write, 1 byte behind the end of a block of 64 bytes', 'heap "heap"');
const overLarge = over('write, 1 byte behind the end of a block of 1000000 bytes', 'arena "arena"');
const smallOver = [changed, atFree('1 behind the end of', heap), overSmall] as const;
// Samples are blocks of up to a page.
const largeOver = [changed, atFree('1 behind the end of', arena), overLarge, changed] as const;

export const beyond: Group = {
  file: 'beyond',
  title: 'Beyond a block',
  by: 'native code',
  alone: false,
  rows: [
    row('over-1', 'overflow by 1 byte', SMALL, smallOver, {
      hardened: ['overflow_small_1_byte', 'memset_buffer_overflow'],
      bench: ['one_byte_overflow', 'one_byte_overflow_small'],
    }),
    row('over-8', 'overflow by 8 bytes', SMALL, smallOver, {
      hardened: ['overflow_small_8_byte', 'eight_byte_overflow_small'],
    }),
    row('over-32', 'overflow by 32 bytes, memcpy', SMALL, smallOver, {
      hardened: ['memcpy_buffer_overflow', 'memmove_buffer_overflow', 'memccpy_buffer_overflow'],
      bench: [
        'one_byte_memcpy_overflow',
        '32_byte_overflow',
        '32_byte_overflow_small',
        '32_byte_memcpy_overflow',
      ],
    }),
    row('over-1-odd', 'overflow by 1 byte', 'Heap, 60 bytes', [
      byteChanged,
      atFree('1 behind the end of', '60 bytes, heap "heap"'),
    ]),
    row(
      'over-1m',
      'a write 1 MiB behind',
      'Arena, 4,000 bytes',
      [
        otherChanged,
        otherChanged,
        over('write, 1048576 bytes behind the end of a block of 4000 bytes', 'arena "arena"'),
      ],
      {
        bench: [
          'one_mbyte_overflow',
          'one_mbyte_overflow_small',
          'one_mbyte_overflow_big',
          'one_mbyte_memcpy_overflow',
        ],
      },
    ),
    row('over-1-large', 'overflow by 1 byte', LARGE, largeOver, {
      hardened: ['overflow_large_1_byte', 'overflow_large_aligned'],
      bench: ['one_byte_overflow_big'],
    }),
    row('over-8-large', 'overflow by 8 bytes', LARGE, largeOver, {
      hardened: ['overflow_large_8_byte', 'eight_byte_overflow_large'],
    }),
    row('over-32-large', 'overflow by 32 bytes', LARGE, largeOver, { bench: ['32_byte_overflow_big'] }),
    row(
      'over-shrunk',
      'overflow of a block that realloc() has shrunk',
      'Arena, 500,000 bytes',
      [
        byteChanged,
        atFree('1 behind the end of', '500000 bytes, arena "arena"'),
        over('write, 1 byte behind the end of a block of 500000 bytes', 'arena "arena"'),
        byteChanged,
      ],
      { hardened: ['overflow_realloc_shrink_large'] },
    ),
    row('under-1', 'underflow by 1 byte', SMALL, [changed, atFree('1 before', heap)], {
      bench: ['one_byte_underflow', 'one_byte_underflow_small', 'one_byte_memcpy_underflow'],
    }),
    row(
      'under-32',
      'underflow by 32 bytes, memcpy',
      SMALL,
      [changed, atFree('1 before', heap), atFree('32 before', heap)],
      {
        bench: ['32_byte_underflow', '32_byte_underflow_small', '32_byte_memcpy_underflow'],
      },
    ),
    row('front-write', "underflow by 1 byte, `guardSide: 'front'`", SMALL, [
      changed,
      atFree('1 before', heap),
      under('write, 1 byte before the beginning of a block of 64 bytes', 'heap "heap"'),
    ]),
    row('front-read', "a read 1 byte before, `guardSide: 'front'`", SMALL, [
      wasRead,
      wasRead,
      under('read, 1 byte before the beginning of a block of 64 bytes', 'heap "heap"'),
    ]),
    row(
      'under-1m',
      'a write 1 MiB before',
      'Arena, 4,000 bytes',
      [
        otherChanged,
        otherChanged,
        under('write, 1048576 bytes before the beginning of a block of 4000 bytes', 'arena "arena"'),
      ],
      {
        bench: [
          'one_mbyte_underflow',
          'one_mbyte_underflow_small',
          'one_mbyte_underflow_big',
          'one_mbyte_memcpy_underflow',
        ],
      },
    ),
    row(
      'under-1-large',
      'underflow by 1 byte',
      LARGE,
      [changed, atFree('1 before', arena), atFree('1 before', arena), changed],
      { bench: ['one_byte_underflow_big'] },
    ),
    row(
      'under-32-large',
      'underflow by 32 bytes',
      LARGE,
      [changed, atFree('1 before', arena), atFree('32 before', arena), changed],
      { bench: ['32_byte_underflow_big'] },
    ),
    row(
      'read',
      'a read 1 byte behind',
      SMALL,
      [wasRead, wasRead, over('read, 1 byte behind the end of a block of 64 bytes', 'heap "heap"')],
      { hardened: ['memcpy_read_overflow', 'memmove_read_overflow', 'memccpy_read_overflow'] },
    ),
    row('read-large', 'a read 1 byte behind', LARGE, [
      wasRead,
      wasRead,
      over('read, 1 byte behind the end of a block of 1000000 bytes', 'arena "arena"'),
      wasRead,
    ]),
    row(
      'string',
      'strlen() of a text without its NUL',
      SMALL,
      [
        undetected('read on behind the block'),
        undetected('read on behind the block'),
        over('read, \\d+ bytes? behind the end of a block of 64 bytes', 'heap "heap"'),
      ],
      { hardened: ['string_overflow'] },
    ),
    row('stray', 'stray write, 500,000 bytes away', 'Arena, 4,000 bytes', [
      otherChanged,
      otherChanged,
      over('write, 500000 bytes behind the end of a block of 4000 bytes', 'arena "arena"'),
    ]),
    row(
      'zero-write',
      'a write to a block of no bytes',
      'Heap',
      [
        undetected('the byte at its address has changed'),
        atFree('1 behind the end of', '0 bytes, heap "heap"'),
        over('write, 1 byte behind the end of a block of 1 byte', 'heap "heap"'),
      ],
      {
        hardened: ['write_zero_size'],
        bench: ['write_zero_size', 'write_zero_size_free'],
      },
    ),
    row(
      'zero-read',
      'a read of a block of no bytes',
      'Heap',
      [
        undetected('the byte at its address was read'),
        undetected('the byte at its address was read'),
        over('read, 1 byte behind the end of a block of 1 byte', 'heap "heap"'),
      ],
      {
        hardened: ['read_zero_size'],
        bench: ['read_zero_size', 'read_zero_size_free'],
      },
    ),
  ],
};
