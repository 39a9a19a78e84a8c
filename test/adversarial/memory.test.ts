import { execFileSync } from 'node:child_process';

import { describe, expect, test } from 'vitest';

import { runChild } from '../lib/child.ts';
import { portion } from '../lib/effort.ts';
import { backings, checksOf, runFixture } from './fixtures.ts';

describe.each(backings)('over $backing', ({ env }) => {
  test('a stale view has length 0 also in code that was compiled for it, and reads and writes nothing', async () => {
    expect(await checksOf('stale', { env })).toBe(21);
  });

  test.each([
    ['in mode orphan', 'orphan', /^1000 rounds each/],
    ['under pins that orphan', 'pinned', /^1000 rounds each/],
    ['under pins, where a reset is refused,', 'refused', / 8000 refusals/],
  ])(
    'crypto.randomFill and fs.read %s never reach a newer block, 1,000 rounds each',
    async (_title, way, output) => {
      const { stdout } = await runFixture('in-flight', { env, args: [way] });
      expect(stdout).toMatch(output);
    },
  );

  test('an arena that is marked in each round takes no more from round to round', async () => {
    const { stdout } = await runChild(
      `import { Arena } from 'freehold';
      const arena = new Arena();
      const reserved = [];
      for (let round = 0; round < 50; round++) {
        arena.alloc(1000);
        arena.mark();
        arena.alloc(1000);
        reserved.push(arena.stats().bytesReserved);
        arena.reset();
      }
      console.log(reserved[49] - reserved[5]);`,
      { env },
    );
    expect(stdout).toBe('0\n');
  });

  test.each([['--expose-gc'], ['--gc-interval=300'], ['--stress-compaction']])(
    'a busy program under %s keeps every block as it was written',
    async (flag) => {
      const rounds = portion(3000, 500);
      const { stdout } = await runFixture('busy', { env, execArgv: [flag], args: [`${rounds}`] });
      expect(stdout).toBe('done\n');
    },
  );

  test('copies of the package, an addon loaded twice and other realms keep apart', async () => {
    expect(await checksOf('loading', { env })).toBe(5);
  });
});

// Over engine memory V8 ends the process itself: its own heap finds no address space left.
describe('under a limit of the address space', () => {
  const limited = process.platform === 'linux' && canLimit();

  test.skipIf(!limited)(
    'arenas throw ERR_FREEHOLD_OUT_OF_MEMORY until memory is given back, and go on',
    async () => {
      const url = new URL('fixtures/exhaustion.mjs', import.meta.url);
      const source = `
      import { spawnSync } from 'node:child_process';
      import { fileURLToPath } from 'node:url';
      const file = fileURLToPath(${JSON.stringify(url.href)});
      const command = 'ulimit -v 3000000; exec "$0" --expose-gc "$1"';
      const { status, signal } = spawnSync('bash', ['-c', command, process.execPath, file], { stdio: 'inherit' });
      if (signal !== null) process.kill(process.pid, signal);
      process.exit(status);`;
      const { stdout } = await runChild(source, { env: { FREEHOLD_BACKING: undefined } });
      expect(stdout).toContain('19 checks');
    },
  );
});

function canLimit(): boolean {
  try {
    execFileSync('bash', ['-c', 'ulimit -v 3000000; exec "$0" --version', process.execPath], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}
