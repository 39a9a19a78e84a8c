// npm run soak:workers [-- --workers 10000 --seed N --at-a-time 4 --phases collecting,finalising --control]
//
// Workers by the thousand, each of which ends with live blocks: in the middle of allocating, of a collection of cycles, or of
// finalizers, by terminate(), process.exit(), an error, or by coming to its end. Every 500 the process must have the
// mappings that it had when it was warm, and no more memory. Exit code 1 when it has more, or when a worker ended in another
// way than it was told. With --control the workers do nothing with freehold: what is left then is node's own.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { pathToFileURL } from 'node:url';
import { at } from './lib/paths.mjs';
import { INSIDE, LOADING, PHASE_NAMES } from './lib/soak-worker.mjs';
import { run, step } from './lib/run.mjs';
import { ensureBuiltOrExit } from './lib/setup.mjs';
import { table } from './lib/table.mjs';

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '10000' },
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    'at-a-time': { type: 'string', default: '4' },
    phases: { type: 'string', default: PHASE_NAMES.join() },
    maps: { type: 'boolean', default: false },
    control: { type: 'boolean', default: false },
  },
});
const workers = Number(values.workers);
const atATime = Number(values['at-a-time']);
const phases = values.control ? ['nothing'] : values.phases.split(',');
const unknown = phases.filter((phase) => ![...PHASE_NAMES, 'nothing'].includes(phase));
if (!(workers >= 1) || !(atATime >= 1) || !Number.isInteger(Number(values.seed)) || unknown.length > 0) {
  console.error(`--workers, --at-a-time and --seed are whole numbers; phases are ${PHASE_NAMES.join(', ')}`);
  process.exit(2);
}

// The system's allocator has an arena of 64 MiB for each thread that there ever was at once, up to 8 for each core, and V8's young
// generation grows to a hundred pages, each a mapping: such come late, and are not ours.
if (process.env.MALLOC_ARENA_MAX === undefined) {
  const env = { ...process.env, MALLOC_ARENA_MAX: '2' };
  process.exit(await run(process.execPath, ['--max-semi-space-size=1', ...process.argv.slice(1)], { env }));
}

const MiB = 2 ** 20;
/** Most are terminated: at a random moment of their phase, or before they have come to it. */
const ENDS = [
  'terminate',
  'terminate',
  'terminate',
  'terminate',
  'terminate',
  'terminate early',
  'exit',
  'finish',
  'throw',
];
const EXIT_CODES = { exit: 3, finish: 0, throw: 1 };
/** After so many the process is warm: its threads, and the allocators of the system, have what they keep. */
const WARM_AFTER = Math.min(500, Math.ceil(workers / 4));
const CHECK_EVERY = Math.min(500, Math.max(50, Math.ceil(workers / 8)));
/**
 * The engine's own mappings come and go by dozens. And memory that may be in use elsewhere is never unmapped: that of an
 * ArrayBuffer which was collected, or detached, and whose worker was terminated before the addon had heard of it
 * (docs/decisions/0003-escaped-memory.md). That are one or two mappings for each hundred workers of the phase 'finalising'.
 */
const MORE_MAPPINGS = 64;
const MORE_MAPPINGS_EACH = 0.02;
/** And its memory in steps of megabytes, plus what node itself loses of each worker (--control shows it). */
const MORE_BYTES = 48 * MiB;
const LOST_BY_NODE = 8 * 1024;

await ensureBuiltOrExit();
// A worker would take three times as long for the 200 files of the package as for what it is started for.
const oneFile = at('build-soak/freehold.js');
await step('dist in one file', process.execPath, [at('scripts/lib/one-file.mjs'), oneFile], { quiet: true });
const freehold = pathToFileURL(oneFile).href;
// In this process and in each worker, without an option that the user has to give.
setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');

let state = Number(values.seed);
const random = (below) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};
const ended = new Map(phases.map((phase) => [phase, { all: 0, inside: 0, terminated: 0 }]));
const wrong = [];

/** One worker, from its start to its end. */
function soak(index) {
  const phase = phases[index % phases.length];
  const end = ENDS[random(ENDS.length)];
  const shared = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL('./lib/soak-worker.mjs', import.meta.url), {
    workerData: { phase, end, seed: 1 + random(1_000_000), shared, freehold },
    stdout: true,
    stderr: true, // debug mode has something to say about blocks that live at the end
  });
  worker.stdout.resume();
  worker.stderr.resume();
  let turns = random(60);
  const figures = ended.get(phase);
  const terminate = () => {
    if (turns-- > 0) return setImmediate(terminate);
    figures.terminated++;
    if (Atomics.load(shared, 0) === INSIDE) figures.inside++;
    void worker.terminate();
  };
  if (end === 'terminate early') setTimeout(terminate, random(60));
  worker.once('message', () => end === 'terminate' && terminate());
  return new Promise((resolve) => {
    worker.on('error', (error) => {
      if (error.message !== 'on purpose') wrong.push(`${phase}, ${end}: ${error.stack}`);
    });
    worker.once('exit', (code) => {
      figures.all++;
      const expected = EXIT_CODES[end];
      if (expected !== undefined && code !== expected) wrong.push(`${phase}, ${end}: exit code ${code}`);
      if (expected !== undefined && Atomics.load(shared, 0) === LOADING)
        wrong.push(`${phase}, ${end}: never came to its phase`);
      resolve();
    });
  });
}

/** What the process has of the system, when no worker runs and all garbage is gone. */
async function measure() {
  for (let round = 0; round < 3; round++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const status = readFileSync('/proc/self/status', 'utf8');
  const kilobytes = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)[1]) * 1024;
  const maps = readFileSync('/proc/self/maps', 'utf8').trimEnd().split('\n');
  const mappings = maps.length;
  return {
    maps,
    mappings,
    rss: kilobytes('VmRSS'),
    addresses: kilobytes('VmSize'),
    threads: Number(/^Threads:\s+(\d+)/m.exec(status)[1]),
  };
}

const cells = ({ mappings, rss, addresses, threads }) => [
  String(mappings),
  `${(rss / MiB).toFixed(1)} MiB`,
  `${(addresses / MiB).toFixed(0)} MiB`,
  String(threads),
];

const begin = performance.now();
const seconds = () => (performance.now() - begin) / 1000;
let started = 0;
const rows = [];
let warm;
let now = await measure();
rows.push(['0', ...cells(now), '']);
console.log(`${workers} workers, ${atATime} at a time, seed ${values.seed}, phases: ${phases.join(', ')}`);
while (started < workers && wrong.length === 0 && seconds() < Number(values.minutes) * 60) {
  const until = Math.min(
    workers,
    started < WARM_AFTER ? WARM_AFTER : started - ((started - WARM_AFTER) % CHECK_EVERY) + CHECK_EVERY,
  );
  const lane = async () => {
    while (started < until) await soak(started++);
  };
  await Promise.all(Array.from({ length: atATime }, lane));
  now = await measure();
  warm ??= now;
  rows.push([String(started), ...cells(now), (started / seconds()).toFixed(1)]);
  console.error(`  ${started} workers after ${seconds().toFixed(0)} s: ${cells(now).slice(0, 3).join(', ')}`);
  judge();
}

/** Whether the process has what it had when it was warm. */
function judge() {
  const mappings = now.mappings - warm.mappings;
  if (mappings > MORE_MAPPINGS + MORE_MAPPINGS_EACH * started)
    wrong.push(`after ${started} workers there are ${mappings} mappings more`);
  const bytes = now.rss - warm.rss;
  if (bytes > MORE_BYTES + LOST_BY_NODE * started)
    wrong.push(`after ${started} workers ${(bytes / MiB).toFixed(1)} MiB more are resident`);
  if (now.threads > warm.threads) wrong.push(`after ${started} workers there are threads left`);
}

/** Kinds of mappings, and how many of each there are more than when the process was warm. */
function moreOfEachKind() {
  const kinds = new Map();
  const add = (maps, step) => {
    for (const line of maps) {
      const [, begin, end, access, name] = /^(\w+)-(\w+) (\S+) \S+ \S+ \S+\s*(.*)/.exec(line);
      const kind = `${(parseInt(end, 16) - parseInt(begin, 16)) / 1024} KiB ${access} ${name}`;
      kinds.set(kind, (kinds.get(kind) ?? 0) + step);
    }
  };
  add(now.maps, 1);
  add(warm.maps, -1);
  return [...kinds].filter(([, more]) => more !== 0).sort(([, a], [, b]) => b - a);
}

console.log(`\n${table(['workers', 'mappings', 'RSS', 'addresses', 'threads', 'workers/s'], rows)}\n`);
for (const [phase, { all, terminated, inside }] of ended)
  console.log(`${phase}: ${all} workers, ${terminated} terminated, ${inside} of them in the middle of it`);
if (wrong.length > 0 || values.maps)
  for (const [kind, more] of moreOfEachKind()) console.log(`${more > 0 ? '+' : ''}${more} of ${kind}`);
for (const what of wrong.slice(0, 20)) console.log(`wrong: ${what}`);
const verdict = wrong.length === 0 ? 'passed' : 'FAILED';
console.log(
  `\n${verdict}: ${started} workers in ${seconds().toFixed(0)} s, ${(started / seconds()).toFixed(1)} per second (seed ${values.seed})`,
);
process.exitCode = wrong.length === 0 ? 0 : 1;
