import { expect, test } from 'vitest';

import { runChild } from '../lib/child.ts';

const program = "import { debugStats } from 'freehold'; console.log(debugStats().on);";

test.each(['1', 'stackFrames=0', 'guard=all,onLeak=ignore,poison=true'])(
  'FREEHOLD_DEBUG=%s switches debug mode on',
  async (wish) => {
    const { stdout } = await runChild(program, { env: { FREEHOLD_DEBUG: wish } });
    expect(stdout).toBe('true\n');
  },
);

test.each(['', '0', undefined])('FREEHOLD_DEBUG=%s leaves it off', async (wish) => {
  const { stdout } = await runChild(program, { env: { FREEHOLD_DEBUG: wish } });
  expect(stdout).toBe('false\n');
});

test.each(['yes', 'stackFrame=3', 'guard=some', 'stackFrames=1000', 'a=b=c'])(
  'FREEHOLD_DEBUG=%s is an error that says what is possible',
  async (wish) => {
    const { stderr } = await runChild(program, {
      env: { FREEHOLD_DEBUG: wish },
      expect: { status: 1, stderr: 'any' },
    });
    expect(stderr).toMatch(/FreeholdError: .*(stackFrames|guard)/);
  },
);
