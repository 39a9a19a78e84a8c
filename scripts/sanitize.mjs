// npm run test:sanitize [-- test/pool*.test.ts ...]: the addon under AddressSanitizer and UndefinedBehaviorSanitizer, and the tests
// on it; all, or those that are named. Linux with g++.
//
// The sanitizers are preloaded into node. node-gyp-build finds the addon by FREEHOLD_PREBUILD, which child processes inherit.
// What engine and program do with signals stays theirs: V8 has a handler of its own for faults in WebAssembly, and so have we for
// guarded blocks. Leaks are valgrind's (scripts/valgrind.mjs), for node has some.
//
// Not run, because the sanitizer's shadow takes 20 TB of addresses: what limits the address space with ulimit -v.
import { existsSync } from 'node:fs';
import { at } from './lib/paths.mjs';
import { capture, run, step } from './lib/run.mjs';
import { ensureBuiltOrExit } from './lib/setup.mjs';

const folder = at('build-sanitized');

async function library(name) {
  const { output } = await capture('g++', [`-print-file-name=${name}`]);
  const path = output.trim();
  if (!existsSync(path)) throw new Error(`g++ has no ${name}`);
  return path;
}

await ensureBuiltOrExit();
const preloaded = [await library('libasan.so'), await library('libubsan.so')].join(' ');
const flags = ['--CDFREEHOLD_SANITIZE=ON', '--CDCMAKE_CXX_FLAGS_DEBUG=-O1 -g1'];
const cmakeJs = at('node_modules/cmake-js/bin/cmake-js');
const build = [cmakeJs, 'compile', '-D', '--out', `${folder}/build`, ...flags];
await step('building the addon with sanitizers', process.execPath, build);

const env = {
  ...process.env,
  LD_PRELOAD: preloaded,
  FREEHOLD_PREBUILD: folder,
  // Children are several times slower, and of random programs a part does.
  FREEHOLD_TEST_PATIENCE: process.env.FREEHOLD_TEST_PATIENCE ?? '8',
  FREEHOLD_TEST_EFFORT: process.env.FREEHOLD_TEST_EFFORT ?? '0.25',
  ASAN_OPTIONS:
    'detect_leaks=0:handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigill=0:handle_sigfpe=0:' +
    'allow_user_segv_handler=1:strict_string_checks=1',
  UBSAN_OPTIONS: 'print_stacktrace=1',
};

// A run on another addon would show nothing.
const loaded = `await import('freehold'); const { sharedObjects } = process.report.getReport();
  const has = (part) => sharedObjects.some((path) => path.includes(part));
  process.exit(has('libasan') && has('libubsan') && has(${JSON.stringify(`${folder}/build/`)}) ? 0 : 1);`;
const probe = await capture(process.execPath, ['--input-type=module', '-e', loaded], { env });
if (probe.code !== 0) {
  console.error(`the addon with sanitizers was not loaded\n${probe.output}`);
  process.exit(1);
}

const vitest = [at('node_modules/vitest/vitest.mjs'), 'run', '--testTimeout=480000', '--hookTimeout=480000'];
process.exitCode = await run(process.execPath, [...vitest, ...process.argv.slice(2)], { env });
