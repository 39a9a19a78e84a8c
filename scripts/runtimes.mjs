// Runs the very addon that was built here on other runtimes: the whole suite on newer versions of node, a smoke test on
// deno and bun. The runtimes come from npm, as packages with the program inside, into a cache of their own.
//   node scripts/runtimes.mjs [node-22 node-24 node-26 deno bun]
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addon, at } from './lib/paths.mjs';
import { capture, npm, step } from './lib/run.mjs';
import { ensureBuiltOrExit } from './lib/setup.mjs';

const cache = at('node_modules/.cache/freehold-runtimes');
const exe = process.platform === 'win32' ? '.exe' : '';
const platform = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const suite = [at('node_modules/vitest/vitest.mjs'), 'run', '--reporter=default'];
// What is the same JavaScript on every version: the cases of the conformance suite, the random programs, the examples, and what has
// no native code of its own. What differs is how memory is moved and ended, and that is alike from 22 on: hostile programs run on
// the last of those, and on the version that all other steps run on.
const alike = [
  ...['bench', 'collections', 'ownership', 'struct', 'wrappers'].map((name) => `--exclude=test/${name}/**`),
  '--exclude=test/adversarial/{arguments,scribble}.test.ts',
  '--exclude=test/examples*.test.ts',
  '--exclude=test/conformance/**',
  '--exclude=test/debug/conformance.test.ts',
  '--exclude=test/**/*model*.test.ts',
  '--exclude=test/rc/sizes.test.ts',
  // What is there before a program runs knows of no version.
  '--exclude=test/eslint/**',
];
const hostile = ['--exclude=test/adversarial/**', '--exclude=test/debug/detection/**'];
// What stands on those: it is run on 22.
const built = ['--exclude=test/{debug,metrics,rc,servers,strategy}/**'];
// Of workers, random writes and load a tenth (`test/lib/effort.ts`).
const effort = '0.1';
const smoke = at('test/runtimes/smoke.mjs');
const denoTarget = { linux: '-glibc', darwin: '', win32: '' }[process.platform] ?? '';
const bunPlatform = { linux: 'linux', darwin: 'darwin', win32: 'windows' }[process.platform];
const bunArch = { x64: 'x64', arm64: 'aarch64' }[process.arch];

// The packages node, deno and bun fetch these through install scripts, which npm may skip: ask for them directly.
const node = (major, left) => ({
  name: `node-${major}`,
  package: `node-${platform}`,
  range: String(major),
  program: `bin/node${exe}`,
  expect: new RegExp(`^v${major}\\.`),
  args: [...suite, ...left],
  seconds: 400,
  summary: /^\s*Tests\s+(.*)$/m,
});
const RUNTIMES = [
  node(22, [...alike, ...hostile]),
  node(24, [...alike, ...hostile, ...built]),
  node(26, [...alike, ...built]),
  {
    name: 'deno',
    package: `@deno/${process.platform}-${process.arch}${denoTarget}`,
    range: '2.9',
    program: `deno${exe}`,
    expect: /^deno 2\./,
    args: ['run', '--allow-all', '--no-lock', '--node-modules-dir=manual', smoke],
    seconds: 60,
    summary: /^smoke: (.*)$/m,
  },
  {
    name: 'bun',
    package: `@oven/bun-${bunPlatform}-${bunArch}`,
    range: '1.3.0',
    program: `bin/bun${exe}`,
    expect: /^1\./,
    args: ['run', smoke],
    seconds: 60,
    summary: /^smoke: (.*)$/m,
  },
];

/** The path of the runtime's program, installed when it is not there yet. */
async function install(runtime) {
  const folder = join(cache, `${runtime.name}-${runtime.range}`);
  const program = join(folder, 'node_modules', runtime.package, runtime.program);
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const [command, ...args] = npm();
  const flags = [
    'install',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    `${runtime.package}@${runtime.range}`,
  ];
  await step(`installing ${runtime.package}@${runtime.range}`, command, [...args, ...flags], { cwd: folder });
  if (!existsSync(program)) {
    const found = readdirSync(join(folder, 'node_modules', runtime.package)).join(' ');
    throw new Error(`${runtime.package} has no ${runtime.program} (it has: ${found})`);
  }
  return program;
}

/** Everything of npm's and node's settings that is meant for the node that runs us stays here. */
function cleanEnvironment() {
  const entries = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS$)/i.test(name));
  return {
    ...Object.fromEntries(entries),
    FREEHOLD_TEST_EFFORT: effort,
    DENO_NO_UPDATE_CHECK: '1',
    DENO_DIR: join(cache, 'deno-dir'),
    NO_COLOR: '1',
  };
}

async function check(runtime) {
  const begin = performance.now();
  const row = { name: runtime.name, version: '?', passed: false, result: '', output: '' };
  try {
    const program = await install(runtime);
    const env = cleanEnvironment();
    const version = await capture(program, ['--version'], { env });
    row.version = version.output.trim().split('\n')[0].replace(/ \(.*/, '');
    if (version.code !== 0 || !runtime.expect.test(row.version)) throw new Error(`not the version asked for`);
    console.error(`freehold: ${runtime.name} (${row.version}) ...`);
    const { code, output } = await capture(program, runtime.args, { env, seconds: runtime.seconds });
    row.passed = code === 0;
    row.result = runtime.summary.exec(output)?.[1].trim() ?? `exit code ${code}`;
    row.output = output;
  } catch (error) {
    row.result = error.message.split('\n')[0];
    row.output = error.message;
  }
  row.seconds = ((performance.now() - begin) / 1000).toFixed(1);
  return row;
}

function table(rows) {
  const cells = [['runtime', 'version', 'verdict', 'seconds', 'result']];
  for (const row of rows) {
    cells.push([row.name, row.version, row.passed ? 'passed' : 'FAILED', row.seconds, row.result]);
  }
  const widths = cells[0].map((_, column) => Math.max(...cells.map((line) => line[column].length)));
  return cells
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !RUNTIMES.some((runtime) => runtime.name === name));
if (unknown.length > 0) {
  console.error(
    `no such runtime: ${unknown.join(', ')}; there are ${RUNTIMES.map((r) => r.name).join(', ')}`,
  );
  process.exit(2);
}
await ensureBuiltOrExit();
const hash = () => createHash('sha256').update(readFileSync(addon)).digest('hex');
const before = hash();
const rows = [];
// One after the other: they share the machine, and the suite is already parallel.
for (const runtime of RUNTIMES.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  rows.push(await check(runtime));
}
for (const row of rows.filter(({ passed }) => !passed)) {
  console.error(
    `\n--- ${row.name} ---\n${row.output
      .trimEnd()
      .split('\n')
      .filter((line, index, all) => index >= all.length - 80 || / FAIL |^ *×/.test(line))
      .join('\n')}`,
  );
}
console.log(`\n${table(rows)}`);
console.log(`all on the addon with sha256 ${before.slice(0, 16)}..., built by node ${process.versions.node}`);
if (hash() !== before) console.error('the addon changed meanwhile: the results are not of one binary');
process.exitCode = rows.every(({ passed }) => passed) && hash() === before ? 0 : 1;
