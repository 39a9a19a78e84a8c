import koffi from 'koffi';

import { isSanitized } from './sanitized.ts';

/** What AddressSanitizer does not take: libraries that are loaded with deep binding, and what jumps over frames. */
const NOT_SANITIZED = ['libz.so.1', 'libsqlite3.so.0', 'liblua5.4.so.0'];

/**
 * Why tests of a C library cannot run on this machine; undefined where they can. In the gate every library is there: what is
 * missing fails.
 */
export function missingLibrary(soname: string): string | undefined {
  if (isSanitized && NOT_SANITIZED.includes(soname)) return `AddressSanitizer does not take ${soname}`;
  if (process.env['CI'] !== undefined) return undefined;
  try {
    koffi.load(soname);
    return undefined;
  } catch {
    return `there is no ${soname}`;
  }
}
