import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type ChildResult, type ExpectedEnd, runChild } from '../../lib/child.ts';
import { isSanitized } from '../../lib/sanitized.ts';
import { type Expected, type Outcome, cellOf, outcomesOf } from './outcome.ts';
import { type Cells, type Results, resultsOf } from './results.ts';
import { groups } from './rows/index.ts';
import { type Group, type Mode, type Row, modes } from './rows/row.ts';

// Every cell of the table in docs/detection.md: a program of its own, or its part of one where nothing can end the process, and what
// exactly was seen of it. FREEHOLD_DETECTION=write writes down what is published. For scripts/detection-proof.mjs
// FREEHOLD_DETECTION_ROOT names a package with another build, each fault of which has a process of its own, and
// FREEHOLD_DETECTION_SEEN a file for what is seen there.

const root = process.env.FREEHOLD_DETECTION_ROOT;
const programs =
  root === undefined
    ? new URL('faults/run.mjs', import.meta.url)
    : new URL('test/debug/detection/faults/run.mjs', pathToFileURL(`${root}/`));
const published = new URL('results.json', import.meta.url);

/** Commits faults in one mode, in a process that must end like this. */
function commit(mode: Mode, rows: readonly Row[], end: ExpectedEnd): Promise<ChildResult> {
  return runChild(programs, {
    args: [mode, ...rows.map(({ id }) => id)],
    execArgv: ['--expose-gc'],
    env: {
      FREEHOLD_BACKING: undefined,
      FREEHOLD_DEBUG: undefined,
      // So that work in flight can be kept waiting.
      UV_THREADPOOL_SIZE: '1',
    },
    expect: end,
  });
}

function endOf(expected: Expected): ExpectedEnd {
  if (expected.kind === 'signal') return { signal: 'SIGSEGV', stderr: 'any' };
  return expected.kind === 'told' ? { status: expected.status, stderr: 'any' } : {};
}

function check(outcome: Outcome | undefined, expected: Expected): void {
  const patterns = Object.entries(expected)
    .filter(([, value]) => value instanceof RegExp)
    .map(([key, pattern]) => [key, expect.stringMatching(pattern as RegExp) as unknown]);
  expect(outcome).toEqual({ ...expected, ...Object.fromEntries(patterns) });
}

// Other systems have other C libraries, and call them by other names.
describe.runIf(process.platform === 'linux')('the detection table', () => {
  const cells: Cells = new Map();

  function look(row: Row, mode: Mode, outcome: Outcome | undefined): void {
    if (outcome !== undefined) cells.set(row.id, { ...cells.get(row.id), [mode]: cellOf(outcome) });
    check(outcome, row.expected[mode]);
  }

  /** What can end the process, or speaks when that ends. */
  const isAlone = ({ alone }: Group, mode: Mode, { expected }: Row): boolean =>
    alone || root !== undefined || expected[mode].kind === 'signal' || expected[mode].kind === 'told';

  const titleOf = ({ id, title, allocator }: Row, mode: Mode): string =>
    `${id}, ${mode}: ${title} (${allocator})`;

  for (const group of groups) {
    for (const mode of modes) {
      describe.concurrent(`${group.title}, by ${group.by}: ${mode}`, () => {
        // AddressSanitizer finds this one itself, before anybody else.
        const rows = group.rows.filter(({ id }) => !(isSanitized && id === 'beyond/string'));
        const own = rows.filter((row) => isAlone(group, mode, row));
        const others = rows.filter((row) => !own.includes(row));
        let found = new Map<string, Outcome>();
        beforeAll(async () => {
          if (others.length > 0) found = outcomesOf(await commit(mode, others, {}));
        });

        for (const row of others) {
          test(titleOf(row, mode), () => {
            look(row, mode, found.get(row.id));
          });
        }
        for (const row of own) {
          test(titleOf(row, mode), async () => {
            const outcomes = outcomesOf(await commit(mode, [row], endOf(row.expected[mode])));
            look(row, mode, outcomes.get('') ?? outcomes.get(row.id));
          });
        }
      });
    }
  }

  afterAll(() => {
    const file = process.env.FREEHOLD_DETECTION_SEEN;
    if (file !== undefined) writeFileSync(file, JSON.stringify(Object.fromEntries(cells)));
  });

  test('is published as it was seen, by this version of node', () => {
    const seen = resultsOf(groups, cells);
    if (process.env.FREEHOLD_DETECTION === 'write') {
      writeFileSync(published, `${JSON.stringify(seen, null, 2)}\n`);
      return;
    }
    const { node, groups: known } = JSON.parse(readFileSync(published, 'utf8')) as Results;
    if (node === seen.node && cells.size > 0) expect(known).toMatchObject(seen.groups);
  });
});

describe('no cell is "undetected"', () => {
  const all = groups.flatMap((group) => group.rows.map((row) => ({ ...row, ...group, id: row.id })));

  test('in debug mode, for what JavaScript alone can commit', () => {
    const missed = all.filter(
      ({ by, expected }) => by === 'JavaScript' && expected.debug.kind === 'undetected',
    );
    expect(missed.map(({ id }) => id)).toEqual([]);
  });

  test('in guarded mode', () => {
    expect(all.filter(({ expected }) => expected.guarded.kind === 'undetected').map(({ id }) => id)).toEqual(
      [],
    );
  });
});
