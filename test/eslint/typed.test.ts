import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { VERSIONS, lintFiles } from './lib/lint.ts';

const project = fileURLToPath(new URL('typed', import.meta.url));

/** What the comments behind the lines of a program expect. */
function expectedIn(path: string): string[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((text, index) => {
      const rule = /\/\/ ([a-z-]+)$/.exec(text)?.[1];
      return rule === undefined ? [] : [`${index + 1} ${rule}`];
    });
}

describe.each(Object.keys(VERSIONS) as (keyof typeof VERSIONS)[])('types across files, on %s', (version) => {
  const paths = ['bad.ts', 'good.ts', 'factory.ts'].map((name) => join(project, name));
  const linted = lintFiles(paths, { version, project });

  test.each(paths)('what is found in %s is what its comments say', async (path) => {
    const found = (await linted).get(path)?.map(({ line, rule }) => `${line} ${rule}`);
    expect(found).toEqual(expectedIn(path));
  });
});

test('a file that is read again in CI, alone, is linted with what is known', async () => {
  vi.stubEnv('CI', 'true');
  onTestFinished(() => void vi.unstubAllEnvs());
  const path = join(project, 'bad.ts');
  const [first, second] = [await lintAgain(), await lintAgain()];
  expect(first).toEqual(expectedIn(path));
  expect(second).not.toEqual(first);
  expect(first).toEqual(expect.arrayContaining(second));

  async function lintAgain(): Promise<string[]> {
    const found = await lintFiles([path], { project, singleRun: true });
    return (found.get(path) ?? []).map(({ line, rule }) => `${line} ${rule}`);
  }
});
