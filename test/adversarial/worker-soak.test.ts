import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { isSanitized } from '../lib/sanitized.ts';

const script = fileURLToPath(new URL('../../scripts/worker-soak.mjs', import.meta.url));

// Hours of it are run by hand. Here, that it runs at all: each of the seven phases, four times.
// It reads /proc, and counts memory, of which AddressSanitizer takes its own.
const countable = process.platform === 'linux' && !isSanitized;

test.runIf(countable)('workers end in every phase', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--workers', '28', '--seed', '7'], {
    encoding: 'utf8',
  });
  expect(stdout + stderr).toMatch(/^passed: 28 workers/m);
  expect(status).toBe(0);
});
