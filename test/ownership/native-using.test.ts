import { Script } from 'node:vm';
import ts from 'typescript';
import { expect, test } from 'vitest';

import { runChild } from '../lib/child.ts';

/** Whether this runtime knows `using` (Node 24 and later). */
const isNative = ((): boolean => {
  try {
    new Script('{ using nothing = null; }'); // compiled, and not run
    return true;
  } catch {
    return false;
  }
})();

/** The same program as it is where the runtime can run it, and as TypeScript compiles it for those that cannot. */
function forThisRuntime(source: string): string {
  if (isNative) return source;
  return ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  }).outputText;
}

test('`using` and `await using`, native or compiled, end owners, borrows, scopes and what was deferred', async () => {
  const { stdout } = await runChild(
    forThisRuntime(`
      import { AsyncScope, Pool, Scope, defer, deferAsync, own, owned } from 'freehold';
      const pool = new Pool({ blockBytes: 64 });
      const codes = [];
      try {
        using _ = defer(() => console.log('deferred', pool.blocks));
        using handle = owned(pool, 64);
        using scope = new Scope({ failUnless: 'succeeded' });
        scope.own(pool.alloc());
        scope.errdefer(() => console.log('failed', pool.blocks));
        using reader = handle.borrow();
        throw new Error('within');
      } catch (error) {
        console.log(error.message);
      }
      {
        await using _ = deferAsync(async () => console.log('awaited', pool.blocks));
        await using file = own({ async [Symbol.asyncDispose]() { console.log('closed'); } });
        await using scope = new AsyncScope();
        scope.own(pool.alloc());
      }
      try {
        using scope = new Scope();
        scope.defer(() => { throw new Error('cleanup'); });
        throw new Error('body');
      } catch ({ name, error, suppressed }) {
        console.log(name, error.message, suppressed.message);
      }
      let kept;
      try {
        using handle = owned(pool, 64);
        kept = handle.borrow();
      } catch ({ code }) {
        console.log(code, pool.blocks);
        kept.end();
        console.log(pool.blocks);
      }
    `),
  );
  expect(stdout.trimEnd().split('\n')).toEqual([
    'failed 2',
    'deferred 0',
    'within',
    'closed',
    'awaited 0',
    'SuppressedError cleanup body',
    'ERR_FREEHOLD_BORROWED 1',
    '0',
  ]);
});
