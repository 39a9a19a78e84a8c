import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

import { portion } from '../lib/effort.ts';

const script = fileURLToPath(new URL('../../scripts/soak.mjs', import.meta.url));

function soak(seconds: number, ...more: string[]): Promise<{ stdout: string }> {
  const minutes = String(seconds / 60);
  return promisify(execFile)(process.execPath, [script, '--minutes', minutes, '--seed', '1', ...more]);
}

test('under load with clients that leave at random no request sees the bytes of another', async () => {
  // Twenty seconds; `npm run soak` takes ten minutes and judges memory as well.
  // What it found is in its output, whether it passed or not.
  const { stdout } = await soak(portion(20, 8)).catch((failure: unknown) => failure as { stdout: string });
  expect(stdout).toMatch(
    /^passed: .* 0 wrong responses, 0 errors of the servers, [1-9]\d* restarts, [1-9]\d* exchanges completed/m,
  );
});

test('the same load finds a server that resets its arena when the handler has returned', async () => {
  // It ends with the first wrong byte, which takes some seconds.
  await expect(soak(100, '--break')).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^wrong: .* is not this request's$/m) as string,
  });
});
