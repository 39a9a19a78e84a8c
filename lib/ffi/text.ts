import { FreeholdError } from '../errors.ts';
import { checkChoice, describe } from '../validate.ts';
import * as errors from './errors.ts';

/** How text lies in memory: `char` as UTF-8 or Latin-1, or the `char16_t` of C and `wchar_t` of Windows. */
export type TextEncoding = 'utf8' | 'latin1' | 'utf16le';

const ENCODINGS: readonly TextEncoding[] = ['utf8', 'latin1', 'utf16le'];

export function checkEncoding(value: unknown): TextEncoding {
  return checkChoice(value, ENCODINGS, 'encoding');
}

/** The bytes of one unit of text, and of the NUL behind it. */
export function unitOf(encoding: TextEncoding): 1 | 2 {
  return encoding === 'utf16le' ? 2 : 1;
}

/** Text that C can read to its end. */
export function checkText(value: unknown, what: string): string {
  if (typeof value !== 'string') {
    throw new FreeholdError(
      'ERR_FREEHOLD_INVALID_ARGUMENT',
      `${what} must be a string, but is ${describe(value)}`,
    );
  }
  const nul = value.indexOf('\0');
  if (nul >= 0) throw errors.nulInText(what, nul);
  return value;
}

/** The index of the first NUL among the first `length` bytes; -1 for none. */
export function nulIn(bytes: Uint8Array, unit: 1 | 2, length: number, from = 0): number {
  if (unit === 1) {
    for (let index = from; index < length; index++) if (bytes[index] === 0) return index;
    return -1;
  }
  for (let index = from; index + 1 < length; index += 2)
    if (bytes[index] === 0 && bytes[index + 1] === 0) return index;
  return -1;
}
