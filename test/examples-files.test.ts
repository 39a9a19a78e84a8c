import { describe, expect, test } from 'vitest';

import type { MemoryStats } from 'freehold';

import { missingLibrary } from './lib/c-libraries.ts';
import { runChild } from './lib/child.ts';
import { type ExampleFile, exampleFiles, inWordsOf, readExample } from './lib/example-files.ts';

const examples = exampleFiles();
const missingOf = ({ libraries }: ExampleFile) =>
  libraries.map(missingLibrary).find((reason) => reason !== undefined);
const runnable = examples.filter((example) => missingOf(example) === undefined);
const reporter = new URL('lib/report-memory.mjs', import.meta.url).href;

describe.concurrent('the example', () => {
  test.each(runnable.map((example) => [example.name, example] as const))(
    '%s has types that fit, prints what it says, and leaves no block',
    async (_name, { url, javascript, faults, prints }) => {
      expect(faults).toBe('');
      const { stdout, stderr } = await runChild(javascript ?? url, {
        execArgv: ['--import', reporter],
        expect: { stderr: /^memory \{.*\}\n$/ },
      });
      expect(inWordsOf(prints, stdout)).toEqual(prints);
      const { active, totals, blocks } = JSON.parse(stderr.slice('memory '.length)) as MemoryStats;
      expect({ blocks: active.blocks, lone: blocks.count, bytesUsed: totals.bytesUsed }).toEqual({
        blocks: 0,
        lone: 0,
        bytesUsed: 0,
      });
    },
  );
});

for (const example of examples) {
  const missing = missingOf(example);
  if (missing !== undefined) test.skip(`${example.name} (${missing})`, () => undefined);
}

test('every example says what it is, and ends with the report of all memory', () => {
  for (const { name, summary, prints } of examples) {
    expect(summary, name).toMatch(/^[A-Z].*\.$/);
    expect(prints.join('\n'), name).toMatch(/^memory: 0 B in use of /m);
  }
});

test('examples/README.md lists every example with what it prints (written anew by vitest --update)', async () => {
  await expect(readmeOf(examples)).toMatchFileSnapshot('../examples/README.md');
});

describe('what an example says that it prints', () => {
  test('is the comment at its end', () => {
    const source = '// @ts-check\n// What it\n// is.\nimport 1;\n\n/* Prints:\na\nb …\n*/\n';
    expect(readExample(source)).toEqual({ summary: 'What it is.', prints: ['a', 'b …'] });
  });

  test('stands for lines that only differ in columns and in what depends on the machine', () => {
    expect(inWordsOf(['a  1', 'b …'], 'a    1\nb 17\n')).toEqual(['a  1', 'b …']);
  });

  test('does not stand for another figure, a missing line, or one more', () => {
    expect(inWordsOf(['a 1', 'b …'], 'a 2\nb 17')).toEqual(['a 2', 'b …']);
    expect(inWordsOf(['a 1', 'b …'], 'a 11\nb')).toEqual(['a 11', 'b']);
    expect(inWordsOf(['a', 'b'], 'a')).toEqual(['a']);
    expect(inWordsOf(['a'], 'a\nb')).toEqual(['a', 'b']);
  });

  test('may end with a line that need not come', () => {
    expect(inWordsOf(['a', '…'], 'a')).toEqual(['a', '…']);
    expect(inWordsOf(['a', '…'], 'a\nb')).toEqual(['a', '…']);
    expect(inWordsOf(['a', '…'], 'a\nb\nc')).toEqual(['a', 'b', 'c']);
    expect(inWordsOf(['a', '…'], 'b\nc')).toEqual(['b', '…']);
  });
});

function readmeOf(files: readonly ExampleFile[]): string {
  const sections = files.map(({ name, summary, prints }) =>
    [`## [${name}](${name})`, '', summary, '', '```text', ...prints, '```', ''].join('\n'),
  );
  return [
    '# Examples',
    '',
    'Programs to read and to copy from, each of one strategy or of several together. After `npm run build`:',
    '',
    '```sh',
    'node examples/web-request.mjs',
    'npx tsc -p examples/tsconfig.build.json && node examples/build/strategies.js # the one in TypeScript',
    '```',
    '',
    'Below each is what it prints; `…` stands for what depends on the machine. [server](server) is a larger one, with ' +
      'figures of its own: `npm start`.',
    '',
    ...sections,
  ].join('\n');
}
