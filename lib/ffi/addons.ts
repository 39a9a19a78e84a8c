import { fileURLToPath } from 'node:url';

import { native } from '../native.ts';

/**
 * The folder with `freehold.h` and `freehold_node.h`, for the `include_dirs` of an addon's `binding.gyp`:
 * `"<!@(node -p \"require('freehold').include\")"`.
 *
 * @example
 * ```ts
 * import { include } from 'freehold';
 * import { existsSync } from 'node:fs';
 * import assert from 'node:assert';
 *
 * assert(existsSync(`${include}/freehold.h`));
 * ```
 */
export const include: string = fileURLToPath(new URL('../../native/include', import.meta.url));

/**
 * The functions of `freehold.h` for addons, which need not link with anything: they take this value to `fh_node_api()` of
 * `freehold_node.h`. Undefined on runtimes that cannot mark values for addons.
 */
export const api: object | undefined = native.api;
