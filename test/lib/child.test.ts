import { expect, test } from 'vitest';
import { runChild } from './child.ts';

test('a child gives its output and its status', async () => {
  const { stdout, status, signal } = await runChild(`process.stdout.write('out'); process.exitCode = 3;`, {
    expect: 3,
  });
  expect({ stdout, status, signal }).toEqual({ stdout: 'out', status: 3, signal: null });
});

test('a child gets arguments, variables and options of node', async () => {
  const { stdout } = await runChild(`console.log(process.argv.slice(1), process.env.WORD, typeof gc);`, {
    args: ['--one', 'two'],
    env: { WORD: 'word' },
    execArgv: ['--expose-gc'],
  });
  expect(stdout).toBe(`[ '--one', 'two' ] word function\n`);
});

test('a child resolves the package by its name', async () => {
  const { stdout } = await runChild(
    `import { Arena } from 'freehold'; console.log(new Arena().alloc(8).length);`,
  );
  expect(stdout).toBe('8\n');
});

test('a status that is not the expected one fails and shows the output', async () => {
  await expect(runChild(`console.log('shown'); process.exitCode = 1;`)).rejects.toThrow(
    /ended with status 1 instead of status 0[^]*shown/,
  );
});

test('a signal fails where a status was expected, and passes where it was', async () => {
  await expect(runChild(`process.abort();`)).rejects.toThrow(/ended with signal SIG\w+ instead of status 0/);
  const killed = await runChild(`process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000);`, {
    expect: { signal: 'SIGKILL' },
  });
  expect(killed).toMatchObject({ status: null, signal: 'SIGKILL' });
});

test('words on stderr fail unless they are expected', async () => {
  const source = `console.error('a warning');`;
  await expect(runChild(source)).rejects.toThrow(/wrote to stderr[^]*a warning/);
  await expect(runChild(source, { expect: { stderr: /^another/ } })).rejects.toThrow(
    /does not match \^another/,
  );
  await runChild(source, { expect: { stderr: /^a warning/ } });
  await runChild(source, { expect: { stderr: 'any' } });
});

test('a child that hangs is ended and fails', async () => {
  await expect(runChild(`setInterval(() => {}, 1000);`, { timeoutMs: 100 })).rejects.toThrow(
    /did not end in time/,
  );
});
