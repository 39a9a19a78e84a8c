import { inspect } from 'node:util';
import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { Arena, type LogEvent, type LogSink, failing, limited, logging } from 'freehold';
import { runChild } from '../lib/child.ts';
import { refusal } from '../lib/codes.ts';
import { Plain } from './lib/allocators.ts';

describe('a logging allocator', () => {
  test('tells of every call that reaches the inner allocator, what it asked for and how it ended', () => {
    const events: LogEvent[] = [];
    const logged = logging(limited(new Arena(), 1000), (event) => events.push(event), { name: 'log' });
    const block = logged.alloc(64);
    const { address } = block;
    const moved = logged.realloc(block, 128);
    logged.allocUnsafe(16, 4096);
    logged.tryAlloc(5000);
    const error = refusal(() => logged.alloc(5000), 'ERR_FREEHOLD_LIMIT');
    const movedAddress = moved.address;
    logged.free(moved);
    logged.dispose();
    expect(events).toMatchObject([
      { operation: 'alloc', allocator: 'log', byteLength: 64, address, result: 'ok' },
      {
        operation: 'realloc',
        byteLength: 128,
        previousByteLength: 64,
        previousAddress: address,
        result: 'ok',
      },
      { operation: 'allocUnsafe', byteLength: 16, alignment: 4096, result: 'ok' },
      { operation: 'tryAlloc', byteLength: 5000, result: 'null' },
      { operation: 'alloc', byteLength: 5000, result: 'error', error },
      { operation: 'free', byteLength: 128, address: movedAddress, result: 'ok' },
      { operation: 'dispose', result: 'ok' },
    ]);
  });

  test('writes a line for each to a stream or a console', () => {
    let text = '';
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        text += chunk.toString();
        done();
      },
    });
    const lines: string[] = [];
    const base = failing(new Arena(), { failAt: 3 });
    for (const sink of [stream, { log: (line: string) => lines.push(line) }]) {
      base.reset();
      const logged = logging(base, sink, { name: 'log' });
      const block = logged.alloc(64, 32);
      logged.realloc(block, 128);
      logged.free(logged.allocUnsafe(8));
      logged.tryAlloc(8);
      base.reset();
      for (let count = 0; count < 3; count++) base.alloc(1);
      refusal(() => logged.alloc(8), 'ERR_FREEHOLD_OUT_OF_MEMORY');
      logged.dispose();
    }
    const shown = (each: string): string => each.replaceAll(/0x[0-9a-f]+/g, '0x');
    const expected = [
      'log: alloc 64 B aligned to 32 at 0x',
      'log: realloc 128 B from 64 B at 0x at 0x',
      'log: allocUnsafe 8 B at 0x',
      'log: free 8 B at 0x',
      'log: tryAlloc 8 B: null',
      'log: alloc 8 B: ERR_FREEHOLD_OUT_OF_MEMORY',
      'log: dispose',
    ];
    expect(lines.map(shown)).toEqual(expected);
    expect(shown(text)).toBe(expected.map((line) => `${line}\n`).join(''));
  });

  test('writes to stderr when it was given no sink', async () => {
    const { stdout } = await runChild(
      `import { Arena, logging } from 'freehold'; logging(new Arena()).alloc(8);`,
      { expect: { stderr: /^logging\(arena\): alloc 8 B at 0x[0-9a-f]+\n$/ } },
    );
    expect(stdout).toBe('');
  });

  test('loses no block to a sink that throws, and warns once', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error): unknown => warnings.push(warning);
    process.on('warning', listen);
    const base = new Plain();
    const logged = logging(base, () => {
      throw new Error('disk full');
    });
    const block = logged.alloc(8);
    const array = logged.array(Int8Array, 4);
    expect(logged.tryAlloc(8)).not.toBe(null);
    logged.free(logged.realloc(block, 16));
    logged.free(array);
    expect(base.live.size).toBe(1);
    base.largest = 0;
    refusal(() => logged.alloc(8), 'ERR_FREEHOLD_LIMIT');
    await new Promise(setImmediate);
    process.off('warning', listen);
    expect(warnings.map(({ message }) => message)).toEqual([
      'the sink of "logging(allocator)" throws: disk full',
    ]);
  });

  test('tells nothing of what its sink does with it', () => {
    const events: string[] = [];
    const arena = new Arena();
    const logged = logging(arena, ({ operation }) => {
      events.push(operation);
      if (events.length < 50) logged.free(logged.alloc(1000));
    });
    logged.alloc(8);
    expect(events).toEqual(['alloc']);
  });

  test('refuses what is no sink', () => {
    for (const sink of [5, 'file', {}, null]) {
      refusal(() => logging(new Arena(), sink as unknown as LogSink), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    }
    const logged = logging(new Arena(), () => {});
    logged.alloc(8);
    expect(logged.stats()).toMatchObject({ kind: 'logging', bytesUsed: 8 });
    expect(inspect(logged)).toBe('LoggingAllocator(logging(arena)) { 1 event(s) }');
  });
});
