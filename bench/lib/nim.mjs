// @ts-check
// Peers in Nim, where its compiler is: compiled when they are missing or older than their source.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { at } from '../../scripts/lib/paths.mjs';
import { modified, newest } from '../../scripts/lib/stale.mjs';

const folder = at('bench', 'rc', 'build');

/**
 * The program of a source with ORC, the collector of cycles that is Nim's default; undefined, and a notice, when it cannot be
 * compiled. The compiler has to be there.
 *
 * @param {string} source path
 * @param {string} name
 */
export function nimProgram(source, name) {
  const program = at('bench', 'rc', 'build', name);
  if (modified(program) >= newest([source])) return program;
  mkdirSync(folder, { recursive: true });
  const options = ['--mm:orc', '--threads:off', '-d:danger', '--hints:off', '--warnings:off'];
  const { status, stdout, stderr } = spawnSync(
    'nim',
    ['c', ...options, `--nimcache:${folder}/nimcache`, `--out:${program}`, source],
    { encoding: 'utf8' },
  );
  if (status === 0) return program;
  console.error(`freehold: nim could not compile ${name}: its column is left out\n${stdout}${stderr}`);
  return undefined;
}
