// @ts-check
// Does debug mode cost something when it is off? The instructions of the hot paths, counted by callgrind, with its modules loaded and
// without them. The difference between a long run and a short one leaves out how the program starts and is compiled.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { claim, OURS, report } from '../lib/question.mjs';
import { summarize } from '../lib/statistics.mjs';

const SHORT = 20;
const LONG = 100;
const program = fileURLToPath(new URL('../lib/hot-instructions.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'freehold-callgrind-'));

const run = promisify(execFile);

/**
 * The least of three runs: now and then V8 compiles something once more, which only adds.
 *
 * @param {string} from
 * @param {number} thousands
 */
async function instructions(from, thousands) {
  const counts = [];
  for (let i = 0; i < 3; i++)
    counts.push(await count(from, thousands, join(folder, `${from}-${thousands}-${i}`)));
  return Math.min(...counts);
}

/**
 * @param {string} from
 * @param {number} thousands
 * @param {string} out
 */
async function count(from, thousands, out) {
  const options = ['--tool=callgrind', '--quiet', `--callgrind-out-file=${out}`, '--smc-check=all-non-file'];
  // One thread and room for all that is allocated: no compiler and no collector that come when they like, and the collector's work
  // is no part of a hot path.
  const room = ['--min-semi-space-size=1024', '--max-semi-space-size=1024'];
  const node = [process.execPath, '--single-threaded', '--predictable', ...room];
  await run('valgrind', [...options, ...node, program, from, String(thousands)]);
  const total = /^(?:summary|totals): (\d+)/m.exec(readFileSync(out, 'utf8'))?.[1];
  if (total === undefined) throw new Error(`callgrind has counted nothing in ${out}`);
  return Number(total);
}

/** @param {string} from */
const perRound = async (from) => {
  // What other programs do meanwhile is not counted: two at a time.
  const [long, short] = await Promise.all([instructions(from, LONG), instructions(from, SHORT)]);
  return (long - short) / ((LONG - SHORT) * 1000);
};

try {
  const [without, loaded] = [await perRound('classes'), await perRound('package')];
  report({
    question: 'instructions',
    rows: [
      {
        title: '10 blocks of an arena, a reset, an alloc and a free of a pool and of a heap',
        unit: 'instructions',
        note: 'by callgrind, no garbage collections',
        cells: { [OURS]: summarize([loaded]), 'without debug mode': summarize([without]) },
      },
    ],
    claims: [
      claim('instructions with debug mode loaded, times those without', loaded / without, 'at most', 1.005),
    ],
    doesNotShow: ['machines: an instruction is no nanosecond'],
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
