// Where things are. Every script finds the project from its own place, so that it may be started from any folder.
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root folder of the project. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** A path inside of the project. */
export const at = (...parts) => join(root, ...parts);

/** The addon as node-gyp leaves it, which is also where node-gyp-build looks first. */
export const addon = at('build', 'Release', 'freehold.node');
