import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

import { type Program, corpusFolder, readCorpus } from './lib/corpus.ts';
import { type Found, type LintOptions, lintFiles } from './lib/lint.ts';

const programs = readCorpus();
const bad = programs.filter(({ isBad }) => isBad);
const good = programs.filter(({ isBad }) => !isBad);

// `prefer-using` is a matter of taste, and not recommended: looked for where it is expected.
const wantsUsing = ({ faults }: Program): boolean => faults.some(({ rule }) => rule === 'prefer-using');

async function lintAll(options: LintOptions): Promise<Map<string, Found[]>> {
  const paths = (of: readonly Program[]): string[] => of.map(({ path }) => path);
  const usual = await lintFiles(paths(programs.filter((program) => !wantsUsing(program))), options);
  const rules = { 'freehold/prefer-using': 'error' } as const;
  const using = await lintFiles(paths(programs.filter(wantsUsing)), { ...options, rules });
  return new Map([...usual, ...using]);
}

function missedIn(program: Program, found: readonly Found[], isTyped: boolean): boolean {
  return program.faults.some(
    (fault) =>
      (isTyped || !fault.isTyped) &&
      !found.some(({ rule, line }) => rule === fault.rule && line === fault.line),
  );
}

const modes = [
  ['ESLint 10, without types', { version: 'ESLint 10' }],
  ['ESLint 9, without types', { version: 'ESLint 9' }],
  ['ESLint 10, with types', { version: 'ESLint 10', project: corpusFolder }],
] as const satisfies readonly (readonly [string, LintOptions])[];

describe.each(modes)('the corpus under %s', (title, options) => {
  const isTyped = 'project' in options;
  const linted = lintAll(options);
  const foundIn = async ({ path }: Program): Promise<Found[]> => (await linted).get(path) ?? [];

  test('no good program is reported', async () => {
    const alarms: string[] = [];
    for (const program of good)
      for (const { rule, line, message } of await foundIn(program))
        alarms.push(`${program.name}:${line} ${rule}: ${message}`);
    expect(alarms).toEqual([]);
  });

  test('what is reported of a bad program is what its head says', async () => {
    const others: string[] = [];
    for (const program of bad) {
      for (const { rule, line, message } of await foundIn(program)) {
        if (!program.faults.some((fault) => fault.rule === rule && fault.line === line))
          others.push(`${program.name}:${line} ${rule}: ${message}`);
      }
    }
    expect(others).toEqual([]);
  });

  test('bad programs are found, but for the known limits', async () => {
    const missed: string[] = [];
    for (const program of bad)
      if (missedIn(program, await foundIn(program), isTyped)) missed.push(program.name);
    const found = bad.length - missed.length;
    let reports = 0;
    for (const program of programs) reports += (await foundIn(program)).length;
    console.log(
      `${title}: ${found} of ${bad.length} bad programs found (recall ${((100 * found) / bad.length).toFixed(1)} %), ` +
        `0 of ${good.length} good ones reported (precision 100 % of ${reports} reports)`,
    );
    expect(missed).toEqual(bad.filter(({ limit }) => limit !== null).map(({ name }) => name));
    expect(found / bad.length).toBeGreaterThanOrEqual(0.95);
  });
});

test('there are at least 120 programs, half of them good', () => {
  expect(bad.length).toBeGreaterThanOrEqual(60);
  expect(good.length).toBeGreaterThanOrEqual(60);
});

test('each known limit is in the documentation, and no other', () => {
  const page = readFileSync(fileURLToPath(new URL('../../docs/eslint/README.md', import.meta.url)), 'utf8');
  const section = page.slice(page.indexOf('## Known limits'));
  const documented = [...section.matchAll(/^- \*\*(.+?)\*\*/gm)].map(([, name]) => name.toLowerCase());
  const limits = new Set(programs.flatMap(({ limit }) => (limit === null ? [] : [limit])));
  expect(new Set(documented)).toEqual(limits);
});
