import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execFileSync } from 'node:child_process';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const command = fileURLToPath(new URL('../../dist/eslint/cli.js', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

interface End {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

let folder = '';

function run(...args: string[]): End {
  try {
    const stdout = execFileSync(process.execPath, [command, ...args], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
    });
    return { status: 0, stdout, stderr: '' };
  } catch (error) {
    return error as End;
  }
}

const LEAK = `import { allocate } from 'freehold';\nexport function f(x: number) {\n  const b = allocate(x);\n  return b.length;\n}\n`;
const MAYBE = `import { allocate } from 'freehold';\nexport function f(g) {\n  const b = allocate(8);\n  g(b);\n}\n`;

beforeAll(() => {
  // In the package: the plugin finds ESLint beside it, and the files find freehold.
  folder = mkdtempSync(join(root, 'build', 'check-'));
  writeFileSync(join(folder, 'leak.ts'), LEAK);
  writeFileSync(join(folder, 'leak.tsx'), LEAK);
  writeFileSync(join(folder, 'leak.mts'), LEAK);
  writeFileSync(join(folder, 'leak.js'), LEAK.replace(': number', ''));
  writeFileSync(join(folder, 'maybe.mjs'), MAYBE);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('freehold check', () => {
  test('reports what it finds in each kind of file, and ends with 1', () => {
    const { status, stdout } = run('check');
    expect(status).toBe(1);
    for (const name of ['leak.ts', 'leak.tsx', 'leak.mts', 'leak.js']) expect(stdout).toContain(name);
    expect(stdout).toContain('freehold/no-leak');
    expect(stdout).not.toContain('maybe.mjs');
  });

  test('ends with 0 when nothing is found', () => {
    expect(run('check', 'maybe.mjs')).toMatchObject({ status: 0, stdout: '' });
  });

  test('--strict tells what is not certain', () => {
    expect(run('check', '--strict', 'maybe.mjs')).toMatchObject({ status: 1 });
  });

  test('--format json is for programs', () => {
    const { stdout } = run('check', '--format', 'json', 'leak.js');
    const [{ messages }] = JSON.parse(stdout) as [{ messages: { ruleId: string; line: number }[] }];
    expect(messages.map(({ ruleId, line }) => [ruleId, line])).toEqual([['freehold/no-leak', 3]]);
  });

  test('--help and --version say what they should', () => {
    expect(run('--help').stdout).toContain('freehold check');
    expect(run('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test.each([
    [['check', '--stric'], "Unknown option '--stric'. Did you mean '--strict'?"],
    [['check', '--format', 'xml'], '--format must be stylish or json'],
    [['chek'], "there is no command 'chek'"],
    [['check', 'nowhere.ts'], 'nowhere.ts'],
  ])('%j is an error, and ends with 2', (args, message) => {
    const { status, stderr } = run(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });
});
