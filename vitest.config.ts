import { availableParallelism } from 'node:os';

import ts from 'typescript';
import { defineConfig } from 'vitest/config';

/** Decorators as the language's proposal has them: vite's own compiler leaves them as they are, and node cannot read them yet. */
const standardDecorators = {
  name: 'standard-decorators',
  enforce: 'pre',
  transform(code: string, id: string) {
    if (!id.endsWith('.test.ts') || !/^\s*@\w/m.test(code)) return undefined;
    const compilerOptions = {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2022,
      sourceMap: true,
    };
    const { outputText, sourceMapText = '' } = ts.transpileModule(code, { compilerOptions, fileName: id });
    return { code: outputText, map: sourceMapText };
  },
} as const;

export default defineConfig({
  plugins: [standardDecorators],
  test: {
    include: ['test/**/*.test.ts'],
    // A process per file: a crash of native code ends one file, and --expose-gc reaches it.
    pool: 'forks',
    execArgv: ['--expose-gc'],
    // All cores: left to itself vitest keeps one free for a watcher.
    maxWorkers: availableParallelism(),
    // `freehold` resolves to dist/ by the package's own exports. Left to node, not transformed: the tests run the
    // very files that users get.
    server: { deps: { external: [/\/dist\/.*\.js$/] } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
