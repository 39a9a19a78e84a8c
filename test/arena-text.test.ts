import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { Arena } from 'freehold';
import { refusal } from './lib/codes.ts';

const TEXTS = [
  '',
  'a',
  'hello',
  'grüße',
  '漢字',
  '\u{1f600}',
  'a\u0000b',
  'x'.repeat(100_000),
  '漢'.repeat(50_000),
];

describe('string', () => {
  test('is the UTF-8 of the text', () => {
    const arena = new Arena();
    for (const text of TEXTS) {
      const block = arena.string(text);
      expect(block.equals(Buffer.from(text))).toBe(true);
      expect(block.toString()).toBe(text);
    }
  });

  test('has U+FFFD for lone surrogates', () => {
    const arena = new Arena();
    for (const text of ['\ud800', 'a\udc00b', '\udc00\ud800', '\ud83d']) {
      expect(arena.string(text).toString()).toBe(Buffer.from(text).toString());
      expect(arena.string(text).toString()).toContain('\ufffd');
    }
  });
});

describe('cString', () => {
  test('is the UTF-8 of the text and a NUL', () => {
    const arena = new Arena();
    for (const text of TEXTS.filter((each) => !each.includes('\0'))) {
      const block = arena.cString(text);
      expect(block.equals(Buffer.concat([Buffer.from(text), Buffer.alloc(1)]))).toBe(true);
    }
  });

  test('ends with a NUL where memory was used before', () => {
    const arena = new Arena({ reset: 'reuse' });
    arena.allocUnsafe(1000).fill(0xff);
    arena.reset();
    expect([...arena.cString('ab')]).toEqual([97, 98, 0]);
  });

  test('refuses text with a NUL and says where it is', () => {
    const arena = new Arena();
    const error = refusal(() => arena.cString('ab\0c'), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(error.message).toMatch(/index 2.*string\(\)/);
    expect(arena.used).toBe(0);
  });
});

test.each(['string', 'cString'] as const)('%s refuses what is no string', (method) => {
  const arena = new Arena();
  for (const text of [undefined, null, 1, 1n, {}, new String('a'), Buffer.from('a'), Symbol('a')]) {
    const error = refusal(() => arena[method](text as string), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(error.message).toMatch(/^text must be a string/);
  }
});

describe('copy', () => {
  const bytes = Uint8Array.from({ length: 24 }, (_, index) => index + 1);

  test('takes every kind of view and buffer', () => {
    const arena = new Arena();
    const shared = new SharedArrayBuffer(24);
    new Uint8Array(shared).set(bytes);
    const sources = [
      bytes,
      Buffer.from(bytes),
      new Float64Array(bytes.buffer),
      new BigInt64Array(bytes.buffer),
      new DataView(bytes.buffer),
      bytes.buffer,
      shared,
      new Uint8Array(shared),
      new DataView(shared),
      arena.copy(bytes),
    ];
    for (const source of sources) expect([...arena.copy(source)]).toEqual([...bytes]);
  });

  test('takes what a view shows and no more', () => {
    const arena = new Arena();
    expect([...arena.copy(bytes.subarray(4, 8))]).toEqual([5, 6, 7, 8]);
    expect([...arena.copy(new DataView(bytes.buffer, 4, 4))]).toEqual([5, 6, 7, 8]);
    expect([...arena.copy(new Uint16Array(bytes.buffer, 4, 2))]).toEqual([5, 6, 7, 8]);
    expect(arena.copy(new Uint8Array(0)).length).toBe(0);
    expect(arena.copy(new ArrayBuffer(0)).length).toBe(0);
  });

  test('takes views and buffers of another realm', () => {
    const arena = new Arena();
    for (const source of ['new ArrayBuffer(3)', 'new DataView(new ArrayBuffer(3))', 'new Uint8Array(3)']) {
      expect(arena.copy(runInNewContext(source)).length).toBe(3);
    }
  });

  test('is a copy', () => {
    const arena = new Arena();
    const source = Buffer.from('abc');
    const block = arena.copy(source);
    source[0] = 0;
    expect(block.toString()).toBe('abc');
  });

  test('is not fooled by a view that lies about its place', () => {
    const arena = new Arena();
    const view = new Uint8Array(bytes.buffer, 4, 4);
    Object.defineProperties(view, {
      byteOffset: { value: 0 },
      length: { value: 24 },
      byteLength: { value: 24 },
    });
    expect([...arena.copy(view)]).toEqual([5, 6, 7, 8]);
  });

  test('refuses what has no memory any more', () => {
    const arena = new Arena();
    const buffer = new ArrayBuffer(8);
    const gone = [new Uint8Array(buffer), new DataView(buffer), buffer];
    structuredClone(buffer, { transfer: [buffer] });
    const other = new Arena();
    const dead = other.alloc(8);
    other.dispose();
    for (const source of [...gone, dead]) {
      const error = refusal(() => arena.copy(source), 'ERR_FREEHOLD_INVALID_ARGUMENT');
      expect(error.message).toContain('no memory any more');
    }
    expect(arena.used).toBe(0);
  });

  test('refuses what is neither view nor buffer', () => {
    const arena = new Arena();
    for (const source of [
      undefined,
      null,
      'text',
      5,
      [1, 2],
      { buffer: bytes.buffer },
      Object.create(Uint8Array.prototype),
    ]) {
      refusal(() => arena.copy(source as Uint8Array), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    }
  });
});
