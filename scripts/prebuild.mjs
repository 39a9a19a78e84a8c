// Puts the built addon where node-gyp-build looks for a prebuilt one, so that the package installs without a compiler
// and without install scripts. One binary serves every node from 20.19 on: it uses Node-API only.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { relative } from 'node:path';
import { addon, at, root } from './lib/paths.mjs';
import { ensureBuiltOrExit } from './lib/setup.mjs';

/** The file name's tags, read by node-gyp-build: runtime, Node-API, ARM version, C library. */
function fileName() {
  const tags = ['node', 'napi'];
  if (process.arch === 'arm') tags.push(`armv${process.config.variables.arm_version}`);
  if (process.platform === 'linux') tags.push(existsSync('/etc/alpine-release') ? 'musl' : 'glibc');
  return [...tags, 'node'].join('.');
}

await ensureBuiltOrExit();
const folder = at('prebuilds', `${process.platform}-${process.arch}`);
const file = `${folder}/${fileName()}`;
mkdirSync(folder, { recursive: true });
rmSync(file, { force: true }); // never write into a file that another process has mapped
copyFileSync(addon, file);

const load = spawnSync(process.execPath, ['-e', `require(${JSON.stringify(file)})`], { encoding: 'utf8' });
if (load.status !== 0) {
  console.error(`the prebuilt addon does not load:\n${load.stderr}`);
  process.exit(1);
}
console.error(`freehold: ${relative(root, file)} is in place`);
