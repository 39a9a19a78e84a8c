// @ts-check
// Does the optimised code of the hot functions stay optimised? Runs them in a child under --trace-deopt: first until V8
// knows them, then for a while longer. A function that V8 throws away again and again in that second part fails the check.
import { spawn } from 'node:child_process';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

const WARMUP_ROUNDS = 30;
const STEADY_ROUNDS = 60;
const CALLS = 20_000;
/** One deoptimisation is V8 learning something late; the same function twice is a loop. */
const ALLOWED = 1;

if (process.argv.includes('--child')) await runHotFunctions();
else process.exitCode = await check();

/** The work of the child. */
async function runHotFunctions() {
  const loops = await hotLoops();
  for (let round = 0; round < WARMUP_ROUNDS + STEADY_ROUNDS; round++) {
    if (round === WARMUP_ROUNDS) announceSteadyState();
    for (const loop of loops) {
      loop();
      await turn();
    }
  }
}

/** Every hot operation in a loop of its own, with sizes that vary as they do in programs. */
async function hotLoops() {
  const { Arena } = await import('freehold');
  const { heapLoops } = await import('./lib/hot-heap.mjs');
  const { poolLoops } = await import('./lib/hot-pool.mjs');
  const { rcLoops } = await import('./lib/hot-rc.mjs');
  const { structLoops } = await import('./lib/hot-struct.mjs');
  const sizes = [1, 16, 24, 64, 100, 256, 1024, 4096];
  const bytes = Buffer.from('some bytes to copy');
  const modes = /** @type {const} */ (['detach', 'orphan', 'reuse']);
  const arenas = modes.map((reset) => new Arena({ initialBytes: 1 << 20, reset }));
  const growing = new Arena();
  const [arena, , reusing] = arenas;

  /** @param {(k: number) => unknown} operation */
  const perChunk = (operation) => () => {
    for (let k = 0; k < CALLS; k++) {
      operation(k);
      if ((k & 127) === 127) arena.reset();
    }
    arena.reset();
  };

  return [
    perChunk((k) => arena.bump(sizes[k & 7])),
    perChunk((k) => arena.bump(sizes[k & 7], 64)),
    perChunk((k) => (arena.allocUnsafe(sizes[k & 7])[0] = k)),
    perChunk((k) => (arena.alloc(sizes[k & 7])[0] = k)),
    perChunk((k) => arena.tryAlloc(sizes[k & 7])?.fill(1)),
    perChunk((k) => (arena.array(Float64Array, 1 + (k & 15))[0] = k)),
    perChunk((k) => (arena.array(Uint32Array, 1 + (k & 15))[0] = k)),
    perChunk(() => arena.copy(bytes)),
    perChunk((k) => arena.string(k & 1 ? 'plain' : 'zwölf')),
    perChunk(() => arena.cString('plain')),
    perChunk((k) => arena.free(arena.realloc(arena.allocUnsafe(32), 64 + (k & 63)))),
    perChunk(() => {
      const mark = arena.mark();
      arena.allocUnsafe(64)[0] = 1;
      arena.rewind(mark);
    }),
    ...arenas.map((each) => () => {
      for (let k = 0; k < 500; k++) {
        each.allocUnsafe(64)[0] = k;
        each.reset();
      }
    }),
    // Frames whose views come back, with some that do not fit.
    () => {
      for (let k = 0; k < CALLS; k++) {
        reusing.allocUnsafe(k % 1000 === 0 ? 1 + (k & 63) : sizes[k & 7])[0] = k;
        if ((k & 127) === 127) reusing.reset();
      }
      reusing.reset();
    },
    // More than a chunk holds: the slow path has its turn in between.
    () => {
      for (let k = 0; k < 2000; k++) growing.allocUnsafe(16_384)[0] = k;
      growing.reset({ retain: 'none' });
    },
    ...poolLoops(CALLS),
    ...heapLoops(CALLS),
    ...rcLoops(CALLS),
    ...structLoops(CALLS),
  ];
}

/**
 * V8 has a buffer of its own for what it traces, so a line that we print does not appear among its lines where it was
 * printed. A deoptimisation provoked on purpose does.
 */
function announceSteadyState() {
  setFlagsFromString('--allow-natives-syntax');
  new Function(`
    function steadyStateBegins(x) { return x + 1; }
    %PrepareFunctionForOptimization(steadyStateBegins);
    steadyStateBegins(1); steadyStateBegins(2);
    %OptimizeFunctionOnNextCall(steadyStateBegins);
    steadyStateBegins(3);
    steadyStateBegins('not a number');
  `)();
}

/** @returns {Promise<number>} the exit code */
async function check() {
  const trace = await traceOfChild();
  const bailouts = [
    ...trace.matchAll(/\[bailout \(kind: ([^,]+), reason: (.*?)\): begin\. .*?<JSFunction ([^ >]*)/g),
  ];
  const begin = bailouts.findIndex(([, , , name]) => name === 'steadyStateBegins');
  if (begin < 0) throw new Error(`the child never reached its steady state:\n${trace.slice(-2000)}`);

  /** @type {Map<string, string[]>} */
  const reasons = new Map();
  for (const [, kind, reason, name] of bailouts.slice(begin + 1)) {
    reasons.set(name, [...(reasons.get(name) ?? []), `${reason} (${kind})`]);
  }
  const inLoops = [...reasons].filter(([, of]) => of.length > ALLOWED);
  console.log(
    `${begin} deoptimisations while warming up, ${bailouts.length - begin - 1} in the steady state`,
  );
  for (const [name, of] of reasons) console.log(`  ${name || '(anonymous)'}: ${of.length} x, ${of[0]}`);
  console.log(
    inLoops.length === 0 ? 'no hot function deoptimises in a loop' : 'FAILED: deoptimised in a loop',
  );
  return inLoops.length === 0 ? 0 : 1;
}

/** @returns {Promise<string>} what V8 traced */
function traceOfChild() {
  const child = spawn(process.execPath, ['--trace-deopt', fileURLToPath(import.meta.url), '--child'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    /** @type {Buffer[]} */
    const parts = [];
    child.stdout.on('data', (part) => parts.push(part));
    child.on('error', reject);
    child.on('close', (code) => {
      const trace = Buffer.concat(parts).toString();
      if (code === 0) resolve(trace);
      else reject(new Error(`the child ended with exit code ${code}\n${trace.slice(-2000)}`));
    });
  });
}
