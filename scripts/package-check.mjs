// Packs freehold as it would be published and looks at the tarball from outside: publint, are-the-types-wrong, what is
// in it, and an empty project that installs and uses it, from JavaScript, from strict TypeScript, from an addon in C and from a
// program in C.
import { cpSync, readdirSync, readFileSync, writeFileSync, mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { headerArguments } from './lib/headers.mjs';
import { at, root } from './lib/paths.mjs';
import { capture, npm, step } from './lib/run.mjs';
import { ensureDependencies } from './lib/setup.mjs';

const consumer = `
import assert from 'node:assert/strict';
import { Arena, FreeholdError, memoryStats } from 'freehold';
import { arenas } from 'freehold/express';
import { arenaHandler } from 'freehold/http';
// None of the frameworks is installed here: their adapters load without them.
import * as fastify from 'freehold/fastify';
import * as hono from 'freehold/hono';
import * as koa from 'freehold/koa';
import { collectPrometheus, observeOpenTelemetry } from 'freehold/metrics';

const arena = new Arena({ initialBytes: 65536 });
const block = arena.alloc(100);
assert.equal(block.length, 100);
assert.ok(Buffer.isBuffer(block));
block.write('hello');
assert.equal(block.toString('utf8', 0, 5), 'hello');
arena.reset();
assert.equal(block.length, 0);
assert.throws(() => arena.alloc(-1), (error) => error instanceof FreeholdError && error.code === 'ERR_FREEHOLD_INVALID_SIZE');
assert.ok(memoryStats().arenas.count >= 1);
arena[Symbol.dispose]?.();
assert.equal(typeof arenaHandler, 'function');
assert.equal(typeof arenas, 'function');
for (const adapter of [fastify, hono, koa]) {
  assert.equal(typeof adapter.arenas, 'function');
  assert.throws(adapter.currentArena, { code: 'ERR_FREEHOLD_NO_REQUEST' });
}
assert.equal(typeof observeOpenTelemetry, 'function');
assert.throws(() => collectPrometheus({}), { code: 'ERR_FREEHOLD_INVALID_ARGUMENT' });
const { leaks } = await import('freehold/debug');
assert.equal(leaks().status, 'ok');
const debugged = new Arena();
const stale = debugged.alloc(8);
debugged.reset();
assert.throws(() => stale.toString(), { code: 'ERR_FREEHOLD_USE_AFTER_FREE' });
console.log('ok');
`;

const eslintConsumer = `
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { ESLint } from 'eslint';
import freehold, { configs, rules } from 'freehold/eslint';

assert.equal(freehold.configs, configs);
assert.equal(Object.keys(rules).length, 10);
const code = "import { allocate } from 'freehold';\\nexport function f() {\\n  const b = allocate(8);\\n  return b.length;\\n}\\n";
const linter = new ESLint({ overrideConfigFile: true, overrideConfig: configs.recommended });
const [{ messages }] = await linter.lintText(code);
assert.deepEqual(messages.map(({ ruleId, line }) => [ruleId, line]), [['freehold/no-leak', 3]]);
writeFileSync('leak.mjs', code);
const check = (...args) => {
  try {
    return [0, execFileSync(process.execPath, ['node_modules/freehold/dist/eslint/cli.js', ...args], { encoding: 'utf8' })];
  } catch (error) {
    return [error.status, error.stdout];
  }
};
const [status, text] = check('check', 'leak.mjs');
assert.equal(status, 1);
assert.match(text, /freehold\\/no-leak/);
assert.equal(check('check', 'use.js')[0], 0);
console.log('ok');
`;

/** The command says what it needs. */
const missingConsumer = `
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

const { status, stderr } = spawnSync(process.execPath, ['node_modules/freehold/dist/eslint/cli.js', 'check'], { encoding: 'utf8' });
assert.equal(status, 2);
assert.match(stderr, /npm install --save-dev eslint/);
console.log('ok');
`;

const typedConsumer = `
import { createServer } from 'node:http';
import { Arena, FreeholdError, memoryStats, type Allocator, type Block } from 'freehold';
import { type LeakReport, heapProfile, leaks } from 'freehold/debug';
import { arenaHandler } from 'freehold/http';

const report: LeakReport = leaks();
const profile: Promise<Buffer> = heapProfile({ format: 'heapprofile', count: 'live' });
function upperCase(text: string, allocator: Allocator): Block {
  const block: Block = allocator.allocUnsafe(Buffer.byteLength(text));
  block.write(text.toUpperCase());
  return block;
}
const arena = new Arena({ name: 'types', reset: 'detach' });
const address: bigint = upperCase('hello', arena).address;
const samples: Float64Array = arena.array(Float64Array, 16);
const maybe: Block | null = arena.tryAlloc(16, 64);
// @ts-expect-error: a size is a number
const refuse = () => arena.alloc('16');
const code: string = new FreeholdError('ERR_FREEHOLD_LIMIT', 'why').code;
const server = createServer(arenaHandler((request, response) => response.end(request.arena.string('hello'))));
console.log(report, profile, address, samples, maybe, refuse, code, memoryStats().arenas.count, server.listening);
arena.dispose();
`;

const compilerOptions = {
  target: 'ES2022',
  lib: ['ES2022', 'ESNext.Disposable'],
  module: 'NodeNext',
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false, // our declarations must hold as they stand
  noEmit: true,
};

/** What every install needs; the sources are there for the platforms that have no prebuilt addon. */
const REQUIRED = [
  /^package\/LICENSE$/,
  /^package\/README\.md$/,
  /^package\/dist\/index\.js$/,
  /^package\/dist\/index\.d\.ts$/,
  /^package\/dist\/debug\/index\.js$/,
  /^package\/dist\/debug\/index\.d\.ts$/,
  /^package\/dist\/eslint\/index\.js$/,
  /^package\/dist\/eslint\/index\.d\.ts$/,
  /^package\/dist\/eslint\/cli\.js$/,
  /^package\/docs\/eslint\/no-leak\.md$/,
  /^package\/dist\/metrics\/index\.js$/,
  /^package\/dist\/metrics\/index\.d\.ts$/,
  /^package\/dist\/servers\/http\.js$/,
  /^package\/dist\/servers\/http\.d\.ts$/,
  /^package\/prebuilds\/[a-z0-9]+-[a-z0-9]+\/node\.napi.*\.node$/,
  /^package\/binding\.gyp$/,
  /^package\/native\/core\/arena\.cc$/,
  /^package\/native\/binding\/.*\.cc$/,
  /^package\/native\/c_api\/arena_api\.cc$/,
  /^package\/native\/include\/freehold\.h$/,
  /^package\/native\/include\/freehold_node\.h$/,
  /^package\/cmake\/freeholdConfig\.cmake\.in$/,
];
const FORBIDDEN = [/^package\/(test|native\/test|bench|scripts|build|node_modules|\.)/];

function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path) : [path];
  });
}

/** Looks at what the installed package consists of. */
function checkContents(folder) {
  const paths = files(folder);
  const names = paths.map((path) => `package/${relative(folder, path).replaceAll('\\', '/')}`);
  const problems = [
    ...REQUIRED.filter((pattern) => !names.some((name) => pattern.test(name))).map((p) => `missing: ${p}`),
    ...names
      .filter((name) => FORBIDDEN.some((pattern) => pattern.test(name)))
      .map((n) => `does not belong: ${n}`),
    ...paths
      .filter((path) => readFileSync(path).includes(root))
      .map((p) => `names a path of this machine: ${p}`),
  ];
  if (problems.length > 0) throw new Error(`the contents of the package:\n  ${problems.join('\n  ')}`);
  console.error(`freehold: the package has ${names.length} files, and all that it needs`);
}

/** An addon in C, built against the installed package in a folder of its own, passes its tests. */
async function checkAddon(project) {
  const addon = join(project, 'addon');
  cpSync(at('examples/addon'), addon, { recursive: true, filter: (path) => !path.endsWith('/build') });
  const gyp = [at('node_modules/node-gyp/bin/node-gyp.js'), 'rebuild', ...headerArguments()];
  await step('an addon in C: build it against the package', node, gyp, { cwd: addon });
  await step('an addon in C: its tests', node, ['--test'], { cwd: addon });
}

/** A program in C, by CMake and by pkg-config, over what `cmake --install` makes of the installed package. */
async function checkProgram(installed) {
  const built = join(folder, 'built');
  const prefix = join(folder, 'prefix');
  const program = join(folder, 'program');
  const cmake = (title, ...args) => step(`a program in C: ${title}`, 'cmake', args);
  await cmake('configure the library', '-S', installed, '-B', built, `-DCMAKE_INSTALL_PREFIX=${prefix}`);
  await cmake('build it', '--build', built, '--parallel');
  await cmake('install it', '--install', built);
  await cmake('find the package', '-S', at('examples/c'), '-B', program, `-DCMAKE_PREFIX_PATH=${prefix}`);
  await cmake('build the program', '--build', program);
  const { output, code } = await capture('sh', [
    '-c',
    `printf 'a cat\\na hat\\n' | ${join(program, 'words')}`,
  ]);
  const said = ['2 lines, 4 words, 3 different', 'limit of the allocator', '0 bytes left in 0 block(s)'];
  if (code !== 0 || !said.every((part) => output.includes(part)))
    throw new Error(`the program in C says:\n${output}`);
  const found = `PKG_CONFIG_PATH=$(dirname "$(find ${prefix} -name freehold.pc)") pkg-config --cflags --libs freehold`;
  const compile = `command -v pkg-config || exit 0; cc -std=c99 ${at('examples/c/words.c')} $(${found}) -o ${program}/other`;
  await step('a program in C: by pkg-config, without a C++ compiler', 'sh', ['-c', compile]);
}

function versionOf(dependency) {
  return JSON.parse(readFileSync(at('package-lock.json'), 'utf8')).packages[`node_modules/${dependency}`]
    .version;
}

const [npmCommand, ...npmArguments] = npm();
const node = process.execPath;
const folder = mkdtempSync(join(tmpdir(), 'freehold-package-'));
try {
  await ensureDependencies();
  const packed = join(folder, 'packed');
  const project = join(folder, 'project');
  const installed = join(project, 'node_modules', 'freehold');
  mkdirSync(packed);
  mkdirSync(project);

  const packArguments = [...npmArguments, 'pack', '--pack-destination', packed];
  await step('npm pack (clean build and prebuilt addon)', npmCommand, packArguments);
  const tarball = join(packed, readdirSync(packed)[0]);
  await step('publint', node, [at('node_modules/publint/src/cli.js'), 'run', tarball, '--strict']);
  const attw = at('node_modules/@arethetypeswrong/cli/dist/index.js');
  await step('are the types wrong?', node, [attw, tarball, '--profile', 'esm-only']);

  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  writeFileSync(join(project, 'use.js'), consumer);
  writeFileSync(join(project, 'use-eslint.js'), eslintConsumer);
  writeFileSync(join(project, 'no-eslint.js'), missingConsumer);
  writeFileSync(join(project, 'use-types.ts'), typedConsumer);
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use-types.ts'] }));
  const types = `@types/node@${versionOf('@types/node')}`;
  const installArguments = ['install', '--ignore-scripts', '--no-audit', '--no-fund', tarball, types];
  await step(
    'install into an empty project, no install scripts',
    npmCommand,
    [...npmArguments, ...installArguments],
    {
      cwd: project,
    },
  );
  checkContents(installed);
  await step('use it (prebuilt addon)', node, ['use.js'], { cwd: project });
  await step('type-check a strict user', node, [at('node_modules/typescript/bin/tsc'), '-p', project]);

  await checkAddon(project);
  await checkProgram(installed);

  await step('freehold check without ESLint', node, ['no-eslint.js'], { cwd: project });
  const eslint = `eslint@${versionOf('eslint')}`;
  const eslintArguments = ['install', '--ignore-scripts', '--no-audit', '--no-fund', eslint];
  await step('install ESLint', npmCommand, [...npmArguments, ...eslintArguments], { cwd: project });
  await step('the rules, and freehold check', node, ['use-eslint.js'], { cwd: project });

  rmSync(join(installed, 'prebuilds'), { recursive: true });
  const gyp = [at('node_modules/node-gyp/bin/node-gyp.js'), 'rebuild', '--jobs', 'max', ...headerArguments()];
  await step('compile it from the sources in the package', node, gyp, { cwd: installed });
  await step('use it (compiled addon)', node, ['use.js'], { cwd: project });
  console.log('the package is as it should be');
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
