// An addon in C that allocates from arenas: compiled once for a test file, and its functions with types.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { include } from '../../../lib/index.ts';

export interface NativeSide {
  setup(api: unknown): bigint[];
  arenaOf(value: unknown): [status: bigint, arena: bigint];
  take(arena: bigint, bytes: number, alignment: number, byte: number): [status: bigint, address: bigint];
  figures(arena: bigint): bigint[];
  meddle(arena: bigint): bigint[];
  memoryOf(arena: bigint): bigint[];
  resize(memory: bigint, block: bigint, bytes: number, byte: number): bigint[];
  account(memory: bigint): bigint[];
  takeOnThread(arena: bigint): bigint[];
}

/** Compiles the addon into a folder of its own; `remove()` when no thread will load it any more. */
export function buildNativeSide(): { path: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'freehold-native-'));
  const path = join(folder, 'native-side.node');
  const headers = fileURLToPath(new URL('../../../node_modules/node-api-headers/include', import.meta.url));
  const warnings = ['-std=c99', '-Wall', '-Wextra', '-Werror'];
  const source = fileURLToPath(new URL('native-side.c', import.meta.url));
  execFileSync('cc', [
    '-shared',
    '-fPIC',
    '-O1',
    '-DNAPI_VERSION=8',
    ...warnings,
    '-I',
    include,
    '-I',
    headers,
    source,
    '-o',
    path,
  ]);
  return {
    path,
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

export function loadNativeSide(path: string): NativeSide {
  return createRequire(import.meta.url)(path) as NativeSide;
}
