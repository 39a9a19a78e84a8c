import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import koffi from 'koffi';
import { afterAll } from 'vitest';

const source = fileURLToPath(new URL('library.c', import.meta.url));
const compiler = ['cc', 'gcc', 'clang'].find(
  (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0,
);

/** Whether there is a compiler that makes the library of these tests. */
export const hasCompiler = compiler !== undefined && process.platform !== 'win32';
if (!hasCompiler) console.warn('no C compiler here: what needs a library of our own is not tested');

/** Compiles the library; gone when the file's tests are done. Its path, for processes that load it. */
export function compileLibrary(): string {
  if (!hasCompiler || compiler === undefined) return '';
  const folder = mkdtempSync(join(tmpdir(), 'freehold-ffi-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const library = join(folder, 'library.so');
  // Its threads run until the process ends: koffi must not unload it under them.
  const flags = process.platform === 'linux' ? ['-Wl,-z,nodelete'] : [];
  execFileSync(
    compiler,
    ['-std=gnu11', '-O1', '-shared', '-fPIC', '-pthread', ...flags, '-o', library, source],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  return library;
}

/** What the library offers. */
export function openLibrary(path: string) {
  const library = koffi.load(path);
  return {
    make: library.func('void *make(size_t)') as (bytes: number) => bigint,
    dispose: library.func('void dispose(uintptr_t)') as (address: bigint) => void,
    disposeAddress: (library.func('uintptr_t dispose_address()') as () => number | bigint)(),
    made: library.func('int count_made()') as () => number,
    freed: library.func('int count_freed()') as () => number,
    last: library.func('uintptr_t last()') as () => number | bigint,
    fixed: library.func('void *fixed_memory()') as () => bigint,
    join: library.func('void *join(void *)') as (texts: bigint) => bigint,
    openGate: library.func('void open_gate()') as () => void,
    closeGate: library.func('void close_gate()') as () => void,
    sum: library.func('uint64_t sum(uint8_t *, size_t)'),
    sumLater: library.func('uint64_t sum_later(uint8_t *, size_t)'),
    sumPart: library.func('sum_part', 'uint64_t', [
      koffi.pointer(koffi.struct({ bytes: 'uint8_t *', length: 'uint64_t' })),
    ]),
    keep: library.func('int keep(uintptr_t, uintptr_t)') as (data: bigint, giveBack: bigint) => number,
    keepWithHint: library.func('int keep_with_hint(uintptr_t, uintptr_t)') as (
      data: bigint,
      giveBack: bigint,
    ) => number,
    set: library.func('void set(uintptr_t, uintptr_t)') as (data: bigint, giveBack: bigint) => void,
  };
}

export type Library = ReturnType<typeof openLibrary>;
