import { freedTouch } from './dangling.ts';
import { type Group, prevented, rowsOf, undetected } from './row.ts';

const row = rowsOf('contents');

const secret = undetected('what was there before was read');
const zeroes = prevented('0x00 was read');
const noise = prevented('0xAA was read');

export const contents: Group = {
  file: 'contents',
  title: 'What memory holds',
  by: 'JavaScript',
  alone: false,
  rows: [
    row('uninitialised', 'allocUnsafe() read before it was written', 'Heap, 64 bytes', [secret, noise], {
      hardened: ['uninitialized_read_small'],
    }),
    row(
      'uninitialised-large',
      'allocUnsafe() read before it was written',
      'Heap, 1 MiB',
      [secret, noise, noise, zeroes],
      {
        hardened: ['uninitialized_read_large'],
      },
    ),
    row('alloc', 'alloc() read before it was written', 'Heap, 64 bytes', [zeroes], {
      hardened: ['calloc_zeroed'],
      bench: ['zero_on_malloc', 'zero_on_malloc_small'],
    }),
    row('alloc-large', 'alloc() read before it was written', 'Heap, 1 MiB', [zeroes], {
      bench: ['zero_on_malloc_large'],
    }),
    row('grown', 'what realloc() has added', 'Heap', [zeroes], { hardened: ['realloc_init'] }),
    row(
      'freed',
      'what was in freed memory, read natively',
      'Heap, 64 bytes',
      [secret, prevented('0xDD was read'), freedTouch('read', 64, 'heap "heap"')],
      { bench: ['zero_after_free', 'zero_after_free_small', 'zero_after_free_large'] },
    ),
  ],
};
