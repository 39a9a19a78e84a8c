// Makes a clone ready to run: dependencies, the native addon, the compiled TypeScript. Only what is missing or older
// than its sources is made, so it costs a few milliseconds when nothing is to be done. It imports nothing but node.
import { headerArguments } from './headers.mjs';
import { addon, at } from './paths.mjs';
import { npm, step } from './run.mjs';
import { dateBack, dependenciesAreStale, modified, newest } from './stale.mjs';

const COMPILER_HINT =
  'The addon needs a C++20 compiler (g++ 11, clang 14 or Visual Studio 2022), make and Python 3.\n' +
  'On Debian and Ubuntu: apt-get install g++ make python3';

/** Refuses a node that is too old, told in words rather than by a syntax error further on. */
function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Error(`freehold needs node 20.19 or newer; this is node ${process.versions.node}`);
}

/** `npm ci`, without install scripts: nothing here depends on one, and newer versions of npm skip them anyway. */
export async function ensureDependencies(options) {
  if (!dependenciesAreStale(at('package-lock.json'), at('node_modules'))) return;
  const [command, ...args] = npm();
  // --include=dev: NODE_ENV=production in the environment must not leave the compilers out.
  const flags = ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund'];
  await step('installing the dependencies (npm ci)', command, [...args, ...flags], options);
}

/** node-gyp, incrementally: configuring again picks up new files, and make compiles only what changed. */
export async function ensureAddon(options) {
  const sources = ['native/core', 'native/binding', 'native/include', 'binding.gyp'].map((path) => at(path));
  if (modified(addon) >= newest(sources)) return;
  const begin = Date.now();
  const gyp = at('node_modules/node-gyp/bin/node-gyp.js');
  const args = [gyp, 'configure', 'build', '--jobs=max', ...headerArguments()];
  await step('building the native addon (node-gyp)', process.execPath, args, {
    hint: COMPILER_HINT,
    ...options,
  });
  dateBack(addon, begin);
}

/** tsc. A type error leaves the former dist alone. */
export async function ensureDist(options) {
  const product = at('dist/index.js');
  if (modified(product) >= newest([at('lib'), at('tsconfig.json'), at('tsconfig.build.json')])) return;
  const begin = Date.now();
  const args = [at('node_modules/typescript/bin/tsc'), '-p', at('tsconfig.build.json'), '--noEmitOnError'];
  await step('compiling lib/ to dist/ (tsc)', process.execPath, args, options);
  dateBack(product, begin);
}

/**
 * Brings node_modules, build/ and dist/ up to date.
 *
 * @param options.quiet print nothing unless a step fails (default false: a line or two per step, on stderr)
 * @throws Error with the output of the step that failed.
 * @example
 * import { ensureBuilt } from './lib/setup.mjs';
 * await ensureBuilt();
 */
export async function ensureBuilt({ quiet = false } = {}) {
  checkNode();
  await ensureDependencies({ quiet });
  await ensureAddon({ quiet });
  await ensureDist({ quiet });
}

/** `ensureBuilt()` for the top of a program: a failure is printed without a stack and ends the process. */
export async function ensureBuiltOrExit(options) {
  try {
    await ensureBuilt(options);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
