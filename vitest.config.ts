import { availableParallelism } from 'node:os';

import { defineConfig } from 'vitest/config';

export default defineConfig({
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
