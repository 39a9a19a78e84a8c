// The C library through koffi: what the tests need of it.
import koffi from 'koffi';

const library = koffi.load('libc.so.6');

koffi.proto('int Compare(void *left, void *right)');
const sort = library.func('void qsort(void *base, size_t count, size_t bytes, Compare *compare)');
export const open = library.func('int open(const char *path, int flags, ...)');
export const close = library.func('int close(int file)');
export const read = library.func('int64_t read(int file, void *bytes, size_t count)');
export const readAt = library.func('int64_t pread(int file, void *bytes, size_t count, int64_t offset)');

/** Sorts the doubles in a buffer by a function of JavaScript's. */
export function sortDoubles(bytes, compare) {
  sort(bytes, bytes.length / 8, 8, (left, right) =>
    compare(koffi.decode(left, 'double'), koffi.decode(right, 'double')),
  );
}

/** The number of the error of the call before. */
export const errno = () => koffi.errno();
