import { type Group, error, prevented, rowsOf, withStacks } from './row.ts';

const row = rowsOf('sizes');

const noSize = (text: string, what = 'byteLength') =>
  error('INVALID_SIZE', new RegExp(`^${what} must be a whole number from 0 to 2\\^53-1, but is ${text}$`));
const noMemory = (bytes: number) =>
  error('OUT_OF_MEMORY', new RegExp(`^heap "heap" cannot get memory for ${bytes} bytes from the system`));

export const sizes: Group = {
  file: 'sizes',
  title: 'Sizes',
  by: 'JavaScript',
  alone: false,
  rows: [
    row('huge', '2^53 bytes', 'Heap', [noSize('9007199254740992')]),
    row('huge-memory', '2^47 bytes', 'Heap', [noMemory(2 ** 47)], {
      hardened: ['impossibly_large_malloc'],
      bench: ['impossibly_large_malloc'],
    }),
    row('huge-realloc', 'realloc() to 2^50 bytes', 'Heap', [noMemory(2 ** 50)], {
      hardened: ['impossibly_large_realloc'],
    }),
    row('huge-array', '2^61 elements of 8 bytes', 'Arena', [noSize('2305843009213694000', 'length')], {
      hardened: ['calloc_overflow', 'reallocarray_overflow'],
    }),
    row('negative', '-1 bytes', 'Heap', [noSize('-1')]),
    row('fraction', '1.5 bytes', 'Heap', [noSize('1\\.5')]),
    row('not-a-number', 'NaN bytes', 'Heap', [noSize('NaN')]),
    row(
      'alignment',
      'an alignment of 24',
      'Heap',
      [error('INVALID_ALIGNMENT', /^alignment must be a power of two from 1 to 2097152 bytes, but is 24$/)],
      { hardened: ['aligned_alloc_einval', 'posix_memalign_einval'] },
    ),
    row('zero-read', 'a read of a block of no bytes', 'Heap', [prevented('ERR_BUFFER_OUT_OF_BOUNDS')], {
      hardened: ['aligned_alloc_zero_size'],
    }),
    row('zero-write', 'a write to a block of no bytes', 'Heap', [prevented('there is no such element')]),
    row('zero-freed', 'double free of a block of no bytes', 'Heap', [
      error(
        'DOUBLE_FREE',
        /^this block of heap "heap" was freed before; who frees it must be its only owner$/,
      ),
      error(
        'DOUBLE_FREE',
        withStacks(
          'this block (0 bytes, heap "heap") was freed before',
          'allocated',
          'freed first',
          'freed again',
        ),
      ),
    ]),
  ],
};
