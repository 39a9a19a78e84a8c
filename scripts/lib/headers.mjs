// Finds the headers of the running node for node-gyp, so that it need not download them.
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * `['--nodedir=...']` when the headers of this very major version lie beside the executable, else `[]`: node-gyp
 * then looks into its own cache and downloads. A choice of the user's (npm's `nodedir`) is left alone.
 */
export function headerArguments() {
  if (process.env.npm_config_nodedir || process.env.npm_package_config_node_gyp_nodedir) return [];
  const prefix = resolve(dirname(realpathSync(process.execPath)), '..');
  try {
    const text = readFileSync(join(prefix, 'include/node/node_version.h'), 'utf8');
    const major = /^#define NODE_MAJOR_VERSION (\d+)/m.exec(text)?.[1];
    return major === process.versions.node.split('.')[0] ? [`--nodedir=${prefix}`] : [];
  } catch {
    return [];
  }
}
