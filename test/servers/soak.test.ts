import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

import { portion } from '../lib/effort.ts';

const script = fileURLToPath(new URL('../../scripts/soak.mjs', import.meta.url));

test('under load with clients that leave at random no request sees the bytes of another', async () => {
  // Twenty seconds; `npm run soak` takes ten minutes and judges memory as well.
  const { stdout } = await promisify(execFile)(process.execPath, [
    script,
    '--minutes',
    String(portion(20, 5) / 60),
    '--seed',
    '1',
  ]);
  expect(stdout).toMatch(
    /^passed: .* 0 wrong responses, 0 errors of the server, [1-9]\d* exchanges completed/m,
  );
});
