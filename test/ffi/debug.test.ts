import { describe, expect, test } from 'vitest';

import { backing } from '../lib/memory.ts';
import { runChild } from '../lib/child.ts';
import { compileLibrary, hasCompiler } from './lib/library.ts';

describe.runIf(hasCompiler && backing === 'pages')('debug mode', () => {
  const library = compileLibrary();
  const prelude = `
    import koffi from 'koffi';
    import { Heap, leaks } from 'freehold';
    import { borrow, fromAddress, lend } from 'freehold/ffi';
    const library = koffi.load(process.argv[1]);
    const make = library.func('void *make(size_t)');
    const free = BigInt(library.func('uintptr_t dispose_address()')());
  `;
  const run = (source: string, options: object = {}) =>
    runChild(prelude + source, {
      args: [library],
      env: { FREEHOLD_DEBUG: 'onLeak=ignore' },
      execArgv: ['--expose-gc'],
      ...options,
    });

  test('lists adopted memory that was not freed, with the place that has adopted it; no views', async () => {
    const { stdout } = await run(`
      function adopts() { return fromAddress(make(100), 100, { free }); }
      const kept = [adopts(), adopts(), fromAddress(make(100), 100)];
      const freed = adopts();
      freed[Symbol.dispose]();
      const { blocks, bytes, sites } = leaks();
      const [{ kind, allocator, site }] = sites;
      console.log(JSON.stringify({ blocks, bytes, sites: sites.length, kind, allocator }), /at adopts/.test(site));
    `);
    expect(stdout).toBe('{"blocks":2,"bytes":200,"sites":2,"kind":"foreign","allocator":"foreign"} true\n');
  });

  test('does not list what was collected', async () => {
    const { stdout } = await run(`
      (() => fromAddress(make(100), 100, { free }))();
      for (let round = 0; round < 50 && leaks().blocks > 0; round++) { gc(); await new Promise(setImmediate); }
      console.log(leaks().blocks);
    `);
    expect(stdout).toBe('0\n');
  });

  test('reports at exit what is left', async () => {
    await run(`globalThis.kept = fromAddress(make(100), 100, { free });`, {
      env: { FREEHOLD_DEBUG: '1' },
      expect: { stderr: /100 B in 1 block \(foreign "foreign"/ },
    });
  });

  test('blocks of debug mode can be borrowed and lent', async () => {
    const { stdout } = await run(`
      const heap = new Heap();
      const block = heap.alloc(64);
      const loan = lend(block);
      borrow(block, () => { try { heap.free(block); } catch ({ code }) { console.log(code); } });
      const D = koffi.proto('void D(uintptr_t)');
      koffi.call(loan.freePointer, D, loan.address);
      console.log(loan.returned);
      heap.free(block);
      try { lend(block); } catch ({ code }) { console.log(code); }
    `);
    expect(stdout).toBe('ERR_FREEHOLD_PINNED\ntrue\nERR_FREEHOLD_USE_AFTER_FREE\n');
  });
});
