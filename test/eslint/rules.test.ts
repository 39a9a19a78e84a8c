import * as parser from '@typescript-eslint/parser';
import { type Linter, RuleTester } from 'eslint';
import { RuleTester as RuleTester9 } from 'eslint9';
import { type RuleName, rules } from 'freehold/eslint';
import { afterAll, describe, it } from 'vitest';

// What the pages of the rules and the corpus do not show: messages, and what the rules offer to do.

interface Case {
  readonly rule: RuleName;
  readonly code: string;
  readonly message: string;
  readonly line?: number;
  readonly options?: readonly unknown[];
  /** What is offered, and the program that comes of it. */
  readonly suggestions?: readonly { readonly desc: string; readonly output: string }[];
}

const HEAD = `import { Arena, Heap, allocate, free, owned } from 'freehold';\nconst heap = new Heap();\n`;
const WITH_DEFER = HEAD.replace('owned }', 'owned, defer }');

const INVALID: readonly Case[] = [
  {
    rule: 'no-leak',
    code: `${HEAD}function f(x) {\n  const b = heap.alloc(8);\n  if (x) return;\n  heap.free(b);\n}`,
    message:
      '`b` (a block of an allocator) is never freed, disposed or handed on when the path leaves by the return on line 5.',
    line: 4,
    suggestions: [
      {
        desc: 'Hold `b` with `using`, which disposes it at the end of its block.',
        output: `${HEAD}function f(x) {\n  using b = heap.alloc(8);\n  if (x) return;\n  heap.free(b);\n}`,
      },
      {
        desc: 'Defer the end of `b` to the end of its block.',
        output: `${WITH_DEFER}function f(x) {\n  const b = heap.alloc(8);\n  using _b = defer(() => b[Symbol.dispose]());\n  if (x) return;\n  heap.free(b);\n}`,
      },
    ],
  },
  {
    rule: 'no-leak',
    code: `${HEAD}function f(g) {\n  g(heap.alloc(8));\n  const b = heap.alloc(8);\n  g(b);\n}`,
    options: [{ certain: false }],
    message:
      '`b` (a block of an allocator) is never freed, disposed or handed on when the path leaves by the end of its block on line 7.',
    suggestions: [
      {
        desc: 'Hold `b` with `using`, which disposes it at the end of its block.',
        output: `${HEAD}function f(g) {\n  g(heap.alloc(8));\n  using b = heap.alloc(8);\n  g(b);\n}`,
      },
      {
        desc: 'Defer the end of `b` to the end of its block.',
        output: `${WITH_DEFER}function f(g) {\n  g(heap.alloc(8));\n  const b = heap.alloc(8);\n  using _b = defer(() => b[Symbol.dispose]());\n  g(b);\n}`,
      },
    ],
  },
  {
    rule: 'no-double-free',
    code: `${HEAD}function f() {\n  const b = allocate(8);\n  free(b);\n  free(b);\n}`,
    message: '`b` is freed here, but it was freed on line 5 already.',
    line: 6,
  },
  {
    rule: 'no-use-after-free',
    code: `${HEAD}function f() {\n  const b = allocate(8);\n  free(b);\n  b[0] = 1;\n}`,
    message: '`b` is written to here, but it was freed on line 5.',
    line: 6,
  },
  {
    rule: 'no-arena-escape',
    code: `${HEAD}function f() {\n  const arena = new Arena();\n  const b = arena.alloc(8);\n  try {\n    return b;\n  } finally {\n    arena.dispose();\n  }\n}`,
    message:
      '`b` is returned here, but it ended with `arena`, which was disposed; return arena.promote(…), or let the caller pass the arena.',
    line: 7,
    suggestions: [
      {
        desc: 'Return a copy that outlives the arena: `arena.promote(b)`.',
        output: `${HEAD}function f() {\n  const arena = new Arena();\n  const b = arena.alloc(8);\n  try {\n    return arena.promote(b);\n  } finally {\n    arena.dispose();\n  }\n}`,
      },
    ],
  },
  {
    rule: 'require-ownership',
    code: `${HEAD}function f() {\n  owned(heap, 8);\n}`,
    message:
      'The result of `owned()` is an owner that the caller owns, but it is dropped: nobody can end it any more.',
    suggestions: [
      {
        desc: 'Hold the result with `using`.',
        output: `${HEAD}function f() {\n  using _ = owned(heap, 8);\n}`,
      },
    ],
  },
  {
    rule: 'no-conditional-free',
    code: `${HEAD}function f(x) {\n  const b = allocate(8);\n  if (x) free(b);\n}`,
    message:
      '`b` is freed here on some paths only: on others it reaches the end of the block on line 6 alive; free it on all, or set it to null and test that.',
    line: 5,
  },
  {
    rule: 'no-unpinned-io',
    code: `import { writeFile } from 'node:fs/promises';\n${HEAD}async function f() {\n  const b = allocate(8);\n  writeFile('x', b);\n  free(b);\n}`,
    message: '`b` ends on line 7 while writeFile() may still work on it; await it before, or pin the block.',
    line: 6,
    suggestions: [
      {
        desc: 'Await it.',
        output: `import { writeFile } from 'node:fs/promises';\n${HEAD}async function f() {\n  const b = allocate(8);\n  await writeFile('x', b);\n  free(b);\n}`,
      },
    ],
  },
  {
    rule: 'no-reassign-owned',
    code: `${HEAD}function f() {\n  let b = allocate(8);\n  b = allocate(9);\n  free(b);\n}`,
    message:
      '`b` still holds what was allocated on line 4 and never freed; free it before `b` gets another value.',
    line: 5,
    suggestions: [
      {
        desc: 'End what `b` holds first.',
        output: `${HEAD}function f() {\n  let b = allocate(8);\n  b[Symbol.dispose]();\n  b = allocate(9);\n  free(b);\n}`,
      },
    ],
  },
  {
    rule: 'prefer-using',
    code: `${HEAD}function f() {\n  const b = heap.alloc(8);\n  b.fill(1);\n  heap.free(b);\n}`,
    message:
      '`b` is ended by hand on line 6; `using b` ends it whatever happens before, also when something throws.',
    line: 4,
    suggestions: [
      {
        desc: 'Hold `b` with `using` instead.',
        output: `${HEAD}function f() {\n  using b = heap.alloc(8);\n  b.fill(1);\n  \n}`,
      },
    ],
  },
  {
    rule: 'check-allocation',
    code: `${HEAD}function f() {\n  const b = heap.tryAlloc(8);\n  b.fill(1);\n  heap.free(b);\n}`,
    message:
      'This may be null here: tryAlloc() on line 4 gives null when memory or a limit is used up; test it first, or use alloc(), which throws.',
    line: 5,
    suggestions: [
      {
        desc: 'Use alloc(), which throws instead.',
        output: `${HEAD}function f() {\n  const b = heap.alloc(8);\n  b.fill(1);\n  heap.free(b);\n}`,
      },
    ],
  },
];

/** Programs that no rule may report, beside those of the corpus. */
const VALID = [
  `import { allocate } from 'elsewhere';\nfunction f() { const b = allocate(8); }`,
  `${HEAD}function f(g) { g(allocate(8)); const b = allocate(8); g(b); }`,
  `${HEAD}import assert from 'node:assert';\nfunction f() { const b = allocate(8); free(b); assert.throws(() => free(b)); }`,
  `${HEAD}export function f(free2) { let b = allocate(8); const g = () => { free(b); b = null; }; g(); return b; }`,
  `${HEAD}export const f = (x) => { const b = x ? heap.alloc(8) : null; try { b?.fill(1); } finally { if (b) heap.free(b); } };`,
  `${HEAD}export function* f() { const b = allocate(8); try { yield b.length; } finally { free(b); } }`,
];

const ESPREE: Linter.LanguageOptions = { ecmaVersion: 2026, sourceType: 'module' };
const SETTINGS = [
  ['ESLint 10 and its own parser', RuleTester, ESPREE],
  ['ESLint 9 and its own parser', RuleTester9 as unknown as typeof RuleTester, ESPREE],
  ["ESLint 10 and typescript-eslint's parser", RuleTester, { parser }],
  ["ESLint 9 and typescript-eslint's parser", RuleTester9 as unknown as typeof RuleTester, { parser }],
] as const;

describe.each(SETTINGS)('under %s', (_title, Tester, languageOptions) => {
  Object.assign(Tester, { describe, it, itOnly: it.only, afterAll });
  const tester = new Tester({ languageOptions });
  for (const name of Object.keys(rules) as RuleName[]) {
    tester.run(`freehold/${name}`, rules[name], {
      // What is right may still be what `using` would do better.
      valid: (name === 'prefer-using' ? [] : VALID).map((code) => ({ code })),
      invalid: INVALID.filter(({ rule }) => rule === name).map(
        ({ code, message, line, options, suggestions }) => ({
          code,
          ...(options === undefined ? {} : { options: [...options] }),
          errors: [
            {
              message,
              ...(line === undefined ? {} : { line }),
              ...(suggestions === undefined ? {} : { suggestions: [...suggestions] }),
            },
          ],
        }),
      ),
    });
  }
});
