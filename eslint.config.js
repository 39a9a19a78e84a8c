import js from '@eslint/js';
import tseslint from 'typescript-eslint';

import freehold from './dist/eslint/index.js';

/** What node offers without an import, for the plain .mjs scripts (TypeScript checks names itself). */
const nodeGlobals = Object.fromEntries(
  [
    'AbortController',
    'Blob',
    'Buffer',
    'FormData',
    'URL',
    'WebAssembly',
    'clearInterval',
    'clearTimeout',
    'console',
    'fetch',
    'gc',
    'global',
    'performance',
    'process',
    'setImmediate',
    'setInterval',
    'setTimeout',
    'structuredClone',
  ].map((name) => [name, 'readonly']),
);

const noDefaultExports = {
  selector: 'ExportDefaultDeclaration',
  message: 'Export by name: it is the same in every file, and tools can rename it.',
};

// V8 takes such a closure for a method that stays, and allocates it among what lives long.
const noClosuresInAssignments = {
  selector:
    ':function AssignmentExpression[left.type="MemberExpression"][right.type=/^(Arrow)?FunctionExpression$/]',
  message:
    'Give the closure a name first, and assign that: as it is, what it holds lives until a full collection (CONTRIBUTING.md).',
};

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'build/',
      'build-*/',
      'prebuilds/',
      'coverage/',
      'node_modules/',
      '**/results/',
      '**/build/',
      // Programs that are wrong on purpose.
      'test/eslint/corpus/',
      'test/eslint/typed/',
    ],
  },
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-restricted-syntax': ['error', noDefaultExports],
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: { globals: nodeGlobals },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['vitest.config.ts'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-extraneous-class': ['error', { allowConstructorOnly: true }],
      // Static functions here do not use `this`.
      '@typescript-eslint/unbound-method': ['error', { ignoreStatic: true }],
      // A number, a bigint or a boolean in a message is what we mean.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowNullish: false },
      ],
      // `() => arena.reset()` is a statement that happens to be short.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Checked by the compiler (noUnusedLocals), which knows about types.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // The public edge checks what JavaScript callers may pass, whatever the types promise.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // Overloads and generics of typed array constructors read better with it.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
    },
  },
  {
    // Tests pass what the types forbid, and look at what is not awaited.
    files: ['test/**/*.ts', 'bench/**/*.ts', 'examples/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    // What the package tells others to do it does itself. The tests do what is wrong, to see what happens.
    files: ['lib/**/*.ts', 'examples/**/*.{mjs,ts}', 'bench/**/*.{mjs,ts}'],
    ...freehold.configs.recommended,
  },
  {
    files: ['lib/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', noDefaultExports, noClosuresInAssignments] },
  },
  {
    // Tools that ask for a default export.
    files: ['*.config.{js,ts}'],
    rules: { 'no-restricted-syntax': 'off' },
  },
);
