import { readFileSync } from 'node:fs';

import ts from 'typescript';
import { describe, expect, test } from 'vitest';

import { runChild } from '../lib/child.ts';
import { type Program, readCorpus } from './lib/corpus.ts';

// What the analysis says of a program is compared with what debug mode sees when it runs. The programs run one after the other
// in a few processes: what one of them leaks is told from what the next leaks by the number of live blocks before and after.

interface Seen {
  /** Blocks that live at the end and did not at the beginning. */
  readonly leaked: number;
  /** The code, or else the name, of the error that ends it. */
  readonly error: string | null;
}

const LEAKS = new Set(['no-leak', 'require-ownership', 'no-conditional-free', 'no-reassign-owned']);
const FREED = ['ERR_FREEHOLD_DOUBLE_FREE'];
const USED = [
  'ERR_FREEHOLD_USE_AFTER_FREE',
  'ERR_FREEHOLD_MOVED',
  'ERR_FREEHOLD_DISPOSED',
  // Of a part of a block that has ended: an ordinary Buffer, which is empty now.
  'ERR_BUFFER_OUT_OF_BOUNDS',
];
const NULL = ['TypeError', 'ERR_FREEHOLD_INVALID_FREE', 'ERR_FREEHOLD_INVALID_ARGUMENT'];

/** What is no matter of blocks that live at the end, and so nothing that a run can show. */
const UNSEEN: ReadonlyMap<string, string> = new Map([
  ['bad/leak-pin.mjs', 'a pin is no block'],
  ['bad/double-free-owner.mjs', 'in debug mode an owner finds its block gone, and has nothing to do'],
  ['bad/escape-return-part.ts', 'a part of a block that has ended is an empty Buffer'],
  ['bad/miss-heap-disposed.ts', 'told when the heap is disposed, which gives the memory back'],
]);

/** A run shows neither: whether I/O meets the freed memory is chance. */
const INVISIBLE = new Set(['no-unpinned-io', 'prefer-using']);

async function runAll(programs: readonly Program[]): Promise<Map<string, Seen>> {
  const compiled = programs.map(({ name, path, text }) => ({
    name,
    isCommon: path.endsWith('.cjs'),
    code: path.endsWith('.ts')
      ? ts.transpileModule(text, {
          compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
        }).outputText
      : text,
  }));
  const source = `
    import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
    import { join } from 'node:path';
    import { configure, leaks } from 'freehold';
    configure({ debug: { onLeak: 'ignore', stackFrames: 0 } });
    console.log = console.error = () => {};
    // In the package, so that it is found by its own name.
    const folder = mkdtempSync(join(process.cwd(), 'build', 'corpus-'));
    const seen = {};
    for (const { name, code, isCommon } of ${JSON.stringify(compiled)}) {
      const file = join(folder, name.replace(/\\W/g, '-') + (isCommon ? '.cjs' : '.mjs'));
      writeFileSync(file, code);
      const before = leaks().blocks;
      let error = null;
      try {
        // One that never settles would end the process.
        let late;
        const patience = new Promise((_, reject) => (late = setTimeout(reject, 5000, new Error('hangs'))));
        await Promise.race([import(file), patience]);
        clearTimeout(late);
      } catch (thrown) {
        error = thrown.code ?? (thrown.message === 'hangs' ? 'hangs' : thrown.name);
      }
      seen[name] = { leaked: leaks().blocks - before, error };
    }
    rmSync(folder, { recursive: true });
    // Native code that has written to a freed block, as some programs make it, is found at exit: or not, by chance.
    process.on('exit', () => (process.exitCode = 0));
    process.stdout.write(JSON.stringify(seen));
  `;
  const { stdout } = await runChild(source, { expect: { stderr: 'any' } });
  return new Map(Object.entries(JSON.parse(stdout) as Record<string, Seen>));
}

const programs = readCorpus();
const third = Math.ceil(programs.length / 3);
const seen = Promise.all(
  [0, 1, 2].map((part) => runAll(programs.slice(part * third, (part + 1) * third))),
).then((maps) => new Map(maps.flatMap((map) => [...map])));

async function seenIn({ name }: Program): Promise<Seen> {
  const result = (await seen).get(name);
  if (result === undefined) throw new Error(`${name} did not run`);
  return result;
}

describe('what debug mode sees when the programs of the corpus run', () => {
  test('no good program leaks, or throws', async () => {
    const wrong: string[] = [];
    for (const program of programs.filter(({ isBad }) => !isBad)) {
      const { leaked, error } = await seenIn(program);
      if (leaked !== 0 || error !== null) wrong.push(`${program.name}: ${leaked} leaked, ${String(error)}`);
    }
    expect(wrong).toEqual([]);
  });

  test('each bad program does what its head says', async () => {
    const wrong: string[] = [];
    for (const program of programs.filter(({ isBad }) => isBad)) {
      const result = await seenIn(program);
      if (!UNSEEN.has(program.name) && !program.faults.every(({ rule }) => isSeen(rule, result)))
        wrong.push(`${program.name}: ${result.leaked} leaked, ${String(result.error)}`);
    }
    expect(wrong).toEqual([]);
  });

  test('the programs are those of the folder', () => {
    for (const { path, text } of programs) expect(readFileSync(path, 'utf8')).toBe(text);
  });
});

function isSeen(rule: string, { leaked, error }: Seen): boolean {
  if (INVISIBLE.has(rule)) return error === null;
  if (LEAKS.has(rule)) return leaked > 0;
  if (rule === 'check-allocation') return NULL.includes(error ?? '');
  return (rule === 'no-double-free' ? FREED : USED).includes(error ?? '');
}
