// The functions of node that read or write a buffer while the program goes on.

/** What a call of a function of node does with the buffers among its arguments. */
export type NodeCall =
  /** It is done with them when it returns. */
  | 'uses'
  /** Until the promise that it returns is settled. */
  | 'promise'
  /** Until it calls the function that is its last argument. */
  | 'callback'
  /** A function that does the same and returns a promise. */
  | 'promisify'
  /** A promise of a `FileHandle`. */
  | 'opens'
  /** A test of a condition that throws when it does not hold. */
  | 'asserts'
  /** Never returns. */
  | 'exits'
  /** Calls a function that is expected to throw. */
  | 'expects throw';

/** Functions of `crypto` and `zlib` that work on the thread pool when they are given a callback. */
const POOLED: ReadonlySet<string> = new Set([
  'randomFill',
  'pbkdf2',
  'scrypt',
  'hkdf',
  'sign',
  'verify',
  'deflate',
  'deflateRaw',
  'gzip',
  'gunzip',
  'inflate',
  'inflateRaw',
  'unzip',
  'brotliCompress',
  'brotliDecompress',
  'zstdCompress',
  'zstdDecompress',
]);

const ASSERTIONS: ReadonlySet<string> = new Set(['*', 'default', 'ok', 'strict', 'assert']);
const NO_BUFFER_AFTERWARDS: ReadonlySet<string> = new Set(['createReadStream', 'createWriteStream', 'watch']);

/** What a function of node does, by its module and name. */
export function nodeCallOf(module: string, name: string, hasCallback: boolean): NodeCall {
  switch (module) {
    case 'fs/promises':
      return name === 'open' ? 'opens' : 'promise';
    case 'fs':
      if (name.endsWith('Sync') || NO_BUFFER_AFTERWARDS.has(name)) return 'uses';
      return hasCallback ? 'callback' : 'uses';
    case 'crypto':
    case 'zlib':
      return POOLED.has(name) && hasCallback ? 'callback' : 'uses';
    case 'util':
      return name === 'promisify' ? 'promisify' : 'uses';
    case 'process':
      return name === 'exit' || name === 'abort' ? 'exits' : 'uses';
    case 'assert':
    case 'assert/strict':
      return assertion(name);
    default:
      return 'uses';
  }
}

function assertion(name: string): NodeCall {
  const last = name.split('.').at(-1) ?? name;
  if (last === 'throws' || last === 'rejects') return 'expects throw';
  return ASSERTIONS.has(last) ? 'asserts' : 'uses';
}

/** Whether promisified, a function of node works on buffers while the program goes on. */
export function isPooled(module: string, name: string): boolean {
  return (module === 'fs' && !name.endsWith('Sync')) || POOLED.has(name);
}

/** The methods of a `FileHandle` that read or write a buffer. */
export const FILE_IO: ReadonlySet<string> = new Set([
  'read',
  'readv',
  'write',
  'writev',
  'writeFile',
  'appendFile',
]);
