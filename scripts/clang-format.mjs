// Formats the C++ files with clang-format, or with no argument says which are not formatted.
//   node scripts/clang-format.mjs [--write]
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { at, root } from './lib/paths.mjs';

const FOLDERS = ['native', 'bench'];
const SKIPPED = new Set(['node_modules', 'build', 'results']);
const clangFormat = process.env.CLANG_FORMAT ?? 'clang-format';

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) yield* sources(path);
    else if (/\.(cc|h)$/.test(entry.name)) yield path;
  }
}

const version = spawnSync(clangFormat, ['--version'], { encoding: 'utf8' });
if (version.error) {
  console.error(
    `${clangFormat} is not installed, so the C++ files were not looked at.\n` +
      'Debian and Ubuntu: apt-get install clang-format; macOS: brew install clang-format;\n' +
      'or set CLANG_FORMAT to the program to use.',
  );
  process.exit(1);
}

const files = FOLDERS.flatMap((folder) => [...sources(at(folder))]);
const write = process.argv.includes('--write');
const mode = write ? ['-i'] : ['--dry-run', '--Werror'];
const { status } = spawnSync(clangFormat, [...mode, ...files], { cwd: root, stdio: 'inherit' });
const verdict = write ? 'formatted' : status === 0 ? 'formatted as they should be' : 'looked at: see above';
console.log(`clang-format: ${files.length} files ${verdict} (${version.stdout.trim()})`);
process.exitCode = status ?? 1;
