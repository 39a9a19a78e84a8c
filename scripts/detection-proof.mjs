// Shows that the cells of docs/detection.md can fail: for each check a build without it, in which the cells that rely on it must
// not be what is published. Writes docs/detection-proof.md.
//   node scripts/detection-proof.mjs [a part of a check's title]
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import prettier from 'prettier';
import { checks } from './lib/detection-checks.mjs';
import { proofText } from './lib/detection-proof-text.mjs';
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

/** A package without a check: its own dist, its own addon where that is where the check is. */
async function build({ check, file, text, put, also = [] }) {
  const root = join(folder, 'package');
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root);
  const isNative = file.startsWith('native/');
  for (const path of ['package.json', 'binding.gyp', 'dist', 'native', 'test/debug/detection/faults']) {
    if (path === 'native' && !isNative) continue;
    cpSync(at(path), join(root, path), { recursive: true, preserveTimestamps: true });
  }
  symlinkSync(at('node_modules'), join(root, 'node_modules'));
  const source = readFileSync(join(root, file), 'utf8');
  writeFileSync(join(root, file), without(also, without([text], source, check, put), check));
  if (!isNative) {
    symlinkSync(at('build'), join(root, 'build'));
    return root;
  }
  cpSync(at('build'), join(root, 'build'), { recursive: true, preserveTimestamps: true });
  const gyp = join(at('node_modules'), 'node-gyp/bin/node-gyp.js');
  const { code, output } = await capture(process.execPath, [gyp, 'build'], { cwd: root });
  if (code !== 0) throw new Error(`"${check}": the addon does not compile without it\n${output}`);
  return root;
}

/** The cells that rely on a check, in a build without it: which of them are as before, and what is seen in the others. */
async function prove(check) {
  const root = await build(check);
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
  return { ...check, cells };
}

const [only = ''] = process.argv.slice(2);
const proofs = [];
try {
  for (const check of checks.filter(({ check: title }) => title.includes(only))) {
    const begin = performance.now();
    const proof = await prove(check);
    const failed = proof.cells.filter((cell) => cell.failed).length;
    const still = proof.cells.filter((cell) => !cell.failed);
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    console.log(`${failed} of ${proof.cells.length} cells fail without: ${check.check} (${seconds} s)`);
    for (const { id, mode, seen } of still) console.log(`    still as before: ${id}, ${mode}: ${seen}`);
    if (still.length > 0) process.exitCode = 1;
    proofs.push(proof);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (only === '') {
  const path = at('docs/detection-proof.md');
  const options = { ...(await prettier.resolveConfig(path)), filepath: path };
  writeFileSync(path, await prettier.format(proofText(proofs), options));
}
