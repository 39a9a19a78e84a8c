// Shows that the cells of docs/detection.md can fail: for each check a build without it, in which the cells that rely on it must
// not be what is published. Writes down what was seen, of which scripts/tables.mjs makes docs/detection-proof.md.
//   node scripts/detection-proof.mjs [part of a title...]: only the checks that are called like that
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checks } from './lib/detection-checks.mjs';
import { headerArguments } from './lib/headers.mjs';
import { at } from './lib/paths.mjs';
import { capture } from './lib/run.mjs';

const folder = mkdtempSync(join(tmpdir(), 'freehold-proof-'));
const vitest = at('node_modules/vitest/vitest.mjs');

/** A source with texts replaced, each of which must be there once. */
function without(texts, source, check, put = '') {
  return texts.reduce((before, text) => {
    const parts = before.split(text);
    if (parts.length === 2) return parts.join(put);
    throw new Error(
      `"${check}": its text is there ${parts.length - 1} times: say in detection-checks.mjs what it is now\n${text}`,
    );
  }, source);
}

const isNative = ({ file }) => file.startsWith('native/');

/** A package without a check: its own dist, its own addon where that is where the check is. */
async function build(check) {
  const root = join(folder, isNative(check) ? 'native' : 'package');
  // The addon is compiled once; then what differs is.
  const isFirst = !existsSync(root);
  if (!isNative(check)) rmSync(root, { recursive: true, force: true });
  const own = ['package.json', 'binding.gyp', 'dist', 'test/debug/detection/faults'];
  for (const path of isNative(check) ? [...own, 'native'] : own)
    cpSync(at(path), join(root, path), { recursive: true, preserveTimestamps: true });
  if (!existsSync(join(root, 'node_modules'))) symlinkSync(at('node_modules'), join(root, 'node_modules'));
  if (isNative(check)) for (const { file } of checks.filter(isNative)) touch(join(root, file));
  const { file, text, put, also = [] } = check;
  const source = readFileSync(join(root, file), 'utf8');
  writeFileSync(join(root, file), without(also, without([text], source, check.check, put), check.check));
  if (isNative(check)) await compile(root, isFirst ? 'rebuild' : 'build', check.check);
  else symlinkSync(at('build'), join(root, 'build'));
  return root;
}

/** What was without another check before is compiled again. */
function touch(path) {
  writeFileSync(path, readFileSync(path));
}

async function compile(root, how, check) {
  const gyp = join(at('node_modules'), 'node-gyp/bin/node-gyp.js');
  const args = [gyp, how, ...headerArguments()];
  const { code, output } = await capture(process.execPath, args, { cwd: root });
  if (code !== 0) throw new Error(`"${check}": the addon does not compile without it\n${output}`);
}

/** The cells that rely on a check, in a build without it: which of them are as before, and what is seen in the others. */
async function prove(check, root) {
  const seenFile = join(folder, 'seen.json');
  const reportFile = join(folder, 'report.json');
  rmSync(seenFile, { force: true });
  const env = { ...process.env, FREEHOLD_DETECTION_ROOT: root, FREEHOLD_DETECTION_SEEN: seenFile };
  const pattern = check.cells.map((cell) => ` ${cell}`).join('|');
  const args = [
    'run',
    'test/debug/detection',
    '-t',
    pattern,
    '--reporter=json',
    `--outputFile=${reportFile}`,
  ];
  await capture(process.execPath, [vitest, ...args], { cwd: dirname(at('package.json')), env });
  const report = JSON.parse(readFileSync(reportFile, 'utf8'));
  const seen = JSON.parse(readFileSync(seenFile, 'utf8'));
  const ran = report.testResults[0].assertionResults.filter(({ status }) =>
    ['passed', 'failed'].includes(status),
  );
  const cells = ran.map(({ title, status }) => {
    const [, id, mode] = /^(\S+), (\w+):/.exec(title);
    return { id, mode, failed: status === 'failed', seen: seen[id]?.[mode] ?? 'the program fails' };
  });
  if (cells.length === 0) throw new Error(`"${check.check}": no cell is called ${check.cells.join(' or ')}`);
  return cells;
}

const file = at('test/debug/detection/proof.json');
const wanted = process.argv.slice(2);
const isWanted = ({ check }) => wanted.length === 0 || wanted.some((part) => check.includes(part));

try {
  for (const check of checks.filter(isWanted)) {
    const begin = performance.now();
    const root = await build(check);
    const cells = await prove(check, root);
    const failed = cells.filter((cell) => cell.failed);
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    console.log(`${failed.length} of ${cells.length} cells fail without: ${check.check} (${seconds} s)`);
    for (const { id, mode, seen } of cells.filter((cell) => !cell.failed))
      console.log(`    still as before: ${id}, ${mode}: ${seen}`);
    if (failed.length < cells.length) process.exitCode = 1;
    const known = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
    known[check.check] = cells.map(({ id, mode, failed: fails, seen }) => [`${id}, ${mode}`, fails, seen]);
    writeFileSync(file, `${JSON.stringify(known, null, 1)}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
