import type { Names } from './rows/row.ts';

/** Programs of the two lists that no row stands for. */
export interface Elsewhere extends Names {
  readonly why: string;
}

export const elsewhere: readonly Elsewhere[] = [
  {
    why: 'Nobody says a size, an alignment or a kind when a block is freed: there is one way to free, and the view knows its size.',
    hardened: [
      'delete_type_size_mismatch',
      'free_sized_small',
      'free_sized_large',
      'aligned_sized_delete_small',
      'aligned_sized_delete_small_min_align',
      'aligned_sized_delete_large',
      'invalid_aligned_sized_delete_small',
      'invalid_aligned_sized_delete_large',
      'invalid_free_aligned_sized_small',
    ],
    bench: [
      'delete_type_size_mismatch',
      'invalid_array_delete_char',
      'invalid_array_delete_string',
      'invalid_delete_array_char',
      'invalid_delete_array_string',
    ],
  },
  {
    why: 'A view has its length, from wherever in a block it begins.',
    hardened: ['malloc_object_size', 'malloc_object_size_offset', 'malloc_object_size_zero'],
  },
  {
    why: 'Canaries here find mistakes, not attackers: they are no secret.',
    hardened: ['canary_leak'],
  },
  {
    why: 'Correct programs, and figures of the allocator.',
    hardened: [
      'large_array_growth',
      'mallinfo',
      'mallinfo2',
      'malloc_info',
      'memccpy_valid_mismatched',
      'memccpy_valid_same',
      'memcpy_valid_mismatched',
      'memcpy_valid_same',
      'memmove_valid_mismatched',
      'memmove_valid_same',
      'memset_valid_mismatched',
      'memset_valid_same',
      'offset',
      'pvalloc',
      'realloc_split_mapping_large',
    ],
  },
];
