import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { describe, expect, test } from 'vitest';

import { portion } from '../lib/effort.ts';

const program = fileURLToPath(new URL('fixtures/sizes.mjs', import.meta.url));

// FREEHOLD_TEST_EFFORT=10 for lists of ten million.
const graphs = [
  { shape: 'single', blocks: portion(1_000_000) },
  { shape: 'double', blocks: portion(1_000_000) },
  { shape: 'ring', blocks: portion(1_000_000) },
];

describe.each(graphs)('$shape of $blocks blocks', ({ shape, blocks }) => {
  test.runIf(process.platform !== 'win32')('is freed on a stack of 256 KiB', async () => {
    const command = `ulimit -s 256 && exec "$0" --stack-size=128 "$1" ${shape} ${blocks}`;
    const { stdout } = await promisify(execFile)('sh', ['-c', command, process.execPath, program]);
    expect(stdout).toBe(`${blocks} blocks\n`);
  });

  test('is freed in a worker with a stack of 1 MiB', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [program, shape, `${blocks}`, 'worker']);
    expect(stdout).toBe(`${blocks} blocks\n`);
  });
});
