import { describe, expect, test } from 'vitest';
import { runChild } from './lib/child.ts';
import { compileExamples, findExamples, printedValues } from './lib/examples.ts';

const examples = compileExamples(findExamples());

test('there are examples in the README and in the documentation of the classes', () => {
  const files = new Set(examples.map(({ title }) => title.replace(/:\d+$/, '')));
  for (const file of [
    'README.md',
    'docs/debugging.md',
    'docs/ffi.md',
    'docs/ownership.md',
    'docs/servers.md',
    'docs/strategies.md',
    'docs/structs.md',
    'lib/arena.ts',
    'lib/block.ts',
    'lib/mark.ts',
    'lib/pin.ts',
  ]) {
    expect(files).toContain(file);
  }
});

describe.concurrent('the example at', () => {
  test.each(examples.map((example) => [example.title, example] as const))(
    '%s has types that fit, runs, and prints what it says',
    async (_title, { source, javascript, faults }) => {
      expect(faults).toBe('');
      const { stdout } = await runChild(javascript);
      const printed = printedValues(source);
      if (printed.length > 0) expect(stdout.trimEnd().split('\n')).toEqual(printed);
    },
  );
});
