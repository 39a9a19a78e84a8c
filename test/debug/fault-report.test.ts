import { describe, expect, test } from 'vitest';

import { type ExpectedEnd, type ChildResult, runChild } from '../lib/child.ts';

/** Runs one of the programs of the fixture. Blocks between guards are none of the engine's memory. */
function run(program: string, expect: number | ExpectedEnd): Promise<ChildResult> {
  return runChild(new URL('fixtures/faults.mjs', import.meta.url), {
    args: [program],
    env: { FREEHOLD_BACKING: undefined },
    expect,
  });
}

const dies = { signal: 'SIGSEGV', stderr: 'any' } as const;
const silent = { signal: 'SIGSEGV' } as const;

// Other systems have other C libraries, and call it by other names.
describe.runIf(process.platform === 'linux')('native code that touches', () => {
  test.each([
    ['overflow', 'buffer overflow', '1 byte behind the end of a block of 100 bytes'],
    ['overflow of a slot', 'buffer overflow', '1 byte behind the end of a block of 100 bytes'],
    ['overflow of a worker', 'buffer overflow', '1 byte behind the end of a block of 100 bytes'],
    ['underflow', 'buffer underflow', '32 bytes before the beginning of a block of 100 bytes'],
    ['read', 'buffer overflow', '1 byte behind the end of a block of 100 bytes'],
    ['no bytes', 'buffer overflow', '1 byte behind the end of a block of 0 bytes'],
  ])('%s: ends the process by SIGSEGV with a report', async (program, what, where) => {
    const { stderr } = await run(program, dies);
    const access = program === 'read' || program === 'no bytes' ? 'read' : 'write';
    expect(stderr).toMatch(
      new RegExp(`freehold: ${what}: native (${access}|access) at 0x[0-9a-f]+, ${where}`),
    );
    expect(stderr).toContain(' (heap "packets")\nallocated:\n    at allocating (a.js:1:2)\n');
    expect(stderr).not.toContain('freed:');
  });

  test('a block that was freed: the report has both stacks', async () => {
    const { stderr } = await run('use after free', dies);
    expect(stderr).toMatch(
      /freehold: use after free: .* 8 bytes from the beginning of a freed block of 100 bytes/,
    );
    expect(stderr).toContain('allocated:\n    at allocating (a.js:1:2)\nfreed:\n    at freeing (b.js:3:4)\n');
  });

  test('something else, or SIGSEGV that somebody sends: ends the process as without us', async () => {
    await run('wild', silent);
    await run('sent', silent);
  });
});

describe.runIf(process.platform === 'linux')('handlers that were there', () => {
  test('the program’s own hears of all faults, of ours behind the report', async () => {
    await run('own handler, wild', 11);
    const { stderr } = await run('own handler, overflow', { status: 11, stderr: 'any' });
    expect(stderr).toContain('buffer overflow');
  });

  test.each([
    'traps before and after',
    'traps after',
    'traps when the worker that loaded the addon has ended',
  ])('WebAssembly that reads beyond its memory throws: %s', async (program) => {
    const { stdout } = await run(program, 0);
    expect(stdout).toMatch(/^(trapped\n)+$/);
  });

  test('a fault of ours after WebAssembly has trapped is reported', async () => {
    const { stdout, stderr } = await run('traps, then overflow', dies);
    expect(stdout).toBe('trapped\n');
    expect(stderr).toContain('buffer overflow');
  });
});
