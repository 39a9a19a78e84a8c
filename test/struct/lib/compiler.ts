import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import koffi from 'koffi';

const language = { 'g++': 'c++', 'clang++': 'c++', gcc: 'c', cc: 'c', clang: 'c' } as const;

/** The compilers of this machine; none on one that has none. */
export function compilers(): (keyof typeof language)[] {
  const all = Object.keys(language) as (keyof typeof language)[];
  const found = all.filter((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
  if (found.length === 0)
    console.warn('no C compiler here: the layouts of structs are not compared with one');
  return found;
}

/** Compiles C to a library and loads it. */
export function load(compiler: keyof typeof language, source: string): ReturnType<typeof koffi.load> {
  const folder = mkdtempSync(join(tmpdir(), 'freehold-struct-'));
  try {
    const file = join(folder, 'source.c');
    const library = join(folder, 'library.so');
    writeFileSync(file, source);
    execFileSync(compiler, ['-x', language[compiler], '-O0', '-w', '-shared', '-fPIC', '-o', library, file], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return koffi.load(library);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What C declares before layouts, and what makes functions visible from C++. */
export const PRELUDE = `
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __cplusplus
#define EXPORT extern "C"
#define ALIGNOF alignof
#else
#define EXPORT
#define ALIGNOF _Alignof
#endif
`;
