import * as parser from '@typescript-eslint/parser';
import { Linter, type Rule } from 'eslint';
import { expect, test } from 'vitest';

import { Engine } from '../../dist/eslint/flow/engine.js';
import { enter, enterBlock, enterProgram } from '../../dist/eslint/flow/entry.js';
import { FileContext } from '../../dist/eslint/flow/file.js';
import { Summaries } from '../../dist/eslint/flow/summaries.js';
import { readCorpus } from './lib/corpus.ts';

// The analysis executes statements by itself, and not over ESLint's code path analysis. Both have to agree about which statements
// can be reached at all.

type Node = Parameters<typeof enterProgram>[2];

const STATEMENTS =
  'ExpressionStatement, ReturnStatement, ThrowStatement, BreakStatement, VariableDeclaration';

interface Reached {
  readonly theirs: Set<unknown>;
  readonly ours: Set<unknown>;
}

function reachedIn(text: string, name: string): Reached {
  const theirs = new Set<unknown>();
  const ours = new Set<unknown>();
  const rule: Rule.RuleModule = {
    create(context) {
      const paths: Set<Rule.CodePathSegment>[] = [];
      const units: Node[] = [];
      return {
        onCodePathStart(_path, node) {
          paths.push(new Set());
          units.push(node);
        },
        onCodePathEnd() {
          paths.pop();
        },
        onCodePathSegmentStart(segment) {
          paths.at(-1)?.add(segment);
        },
        onCodePathSegmentEnd(segment) {
          paths.at(-1)?.delete(segment);
        },
        [STATEMENTS](node: Rule.Node) {
          // The parts of `for` are no statements of their own.
          if (node.parent?.type.startsWith('For') === true) return;
          if ([...(paths.at(-1) ?? [])].some(({ reachable }) => reachable)) theirs.add(node);
        },
        'Program:exit'() {
          const file = new FileContext(context.sourceCode);
          const summaries = new Summaries();
          for (const unit of units) {
            const engine = new Engine(file, summaries, null, unit);
            const visited = new Set<Node>();
            engine.visited = visited;
            if (unit.type === 'Program') enterProgram(engine, unit.body, unit);
            else if (unit.type === 'StaticBlock') enterBlock(engine, unit);
            else if (unit.type.includes('Function')) enter(engine, unit as never);
            for (const node of visited) if (STATEMENTS.includes(node.type)) ours.add(node);
          }
        },
      };
    },
  };
  const isTypeScript = name.endsWith('.ts');
  const messages = new Linter().verify(
    text,
    [
      {
        files: ['**/*.{ts,mjs}'],
        plugins: { test: { rules: { reach: rule } } },
        rules: { 'test/reach': 'error' },
        languageOptions: isTypeScript ? { parser } : { ecmaVersion: 2026 },
      },
    ],
    { filename: isTypeScript ? 'a.ts' : 'a.mjs' },
  );
  expect(messages).toEqual([]);
  return { theirs, ours };
}

const linesOf = (nodes: Iterable<unknown>): number[] =>
  [...nodes].map((node) => (node as Rule.Node).loc?.start.line ?? 0);

test('what the analysis reaches, ESLint holds for reachable', () => {
  const wrong: string[] = [];
  for (const { name, text } of readCorpus()) {
    const { theirs, ours } = reachedIn(text, name);
    const extra = [...ours].filter(
      (node) => !theirs.has(node) && (node as Rule.Node).parent?.type.startsWith('For') !== true,
    );
    for (const line of linesOf(extra)) wrong.push(`${name}:${line}`);
  }
  expect(wrong).toEqual([]);
});

test('what ESLint holds for reachable in a right program, the analysis reaches', () => {
  const wrong: string[] = [];
  for (const { name, text } of readCorpus().filter(({ isBad }) => !isBad)) {
    const { theirs, ours } = reachedIn(text, name);
    for (const line of linesOf([...theirs].filter((node) => !ours.has(node)))) wrong.push(`${name}:${line}`);
  }
  expect(wrong).toEqual([]);
});
