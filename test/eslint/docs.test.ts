import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { RULE_NAMES, rules } from 'freehold/eslint';
import { describe, expect, test } from 'vitest';

import { type Found, VERSIONS, lintText } from './lib/lint.ts';

const folder = new URL('../../docs/eslint/', import.meta.url);

interface Example {
  readonly language: string;
  readonly isBad: boolean;
  readonly code: string;
}

function examplesOf(rule: string): Example[] {
  const page = readFileSync(new URL(`${rule}.md`, folder), 'utf8');
  return [...page.matchAll(/^```(js|ts) (bad|good)\n([^]*?)^```$/gm)].map(([, language, half, code]) => ({
    language,
    isBad: half === 'bad',
    code,
  }));
}

describe.each(RULE_NAMES)('the page of %s', (rule) => {
  const examples = examplesOf(rule);
  const options = rule === 'prefer-using' ? { rules: { 'freehold/prefer-using': 'error' } as const } : {};
  const lint = (version: keyof typeof VERSIONS, { code, language }: Example): Promise<Found[]> =>
    lintText(code, language === 'ts' ? 'example.ts' : 'example.mjs', { version, ...options });

  test('is where the rule says, and has examples of both kinds', () => {
    expect(fileURLToPath(rules[rule].meta?.docs?.url ?? '')).toBe(
      fileURLToPath(new URL(`${rule}.md`, folder)),
    );
    expect(examples.some(({ isBad }) => isBad)).toBe(true);
    expect(examples.some(({ isBad }) => !isBad)).toBe(true);
  });

  test.each(Object.keys(VERSIONS) as (keyof typeof VERSIONS)[])(
    'has bad examples that this rule reports, and good ones that none does, on %s',
    async (version) => {
      for (const example of examples) {
        const found = await lint(version, example);
        if (example.isBad) expect(found.map((each) => each.rule)).toContain(rule);
        else expect(found).toEqual([]);
      }
    },
  );
});

test('the index names every rule', () => {
  const index = readFileSync(new URL('README.md', folder), 'utf8');
  for (const rule of RULE_NAMES) expect(index).toContain(`[${rule}](${rule}.md)`);
});
