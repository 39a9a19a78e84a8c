import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  type FieldType,
  type LayoutOptions,
  Heap,
  alignOf,
  arrayOf,
  bool,
  bytes,
  cString,
  create,
  destroy,
  f64,
  i32,
  i8,
  offsetOf,
  pointer,
  sizeOf,
  struct,
  toObject,
  u16,
  u32,
  u64,
  u8,
  union,
} from 'freehold';
import { refusal } from '../lib/codes.ts';
import { runChild } from '../lib/child.ts';

const heap = new Heap();

describe('fields are placed', () => {
  test('at their natural alignment, and the size is a multiple of the largest', () => {
    const layout = struct({ a: u8, b: f64, c: u16, d: u8 });
    expect(layout.fields.map(({ name, offset }) => [name, offset])).toEqual([
      ['a', 0],
      ['b', 8],
      ['c', 16],
      ['d', 18],
    ]);
    expect([sizeOf(layout), alignOf(layout)]).toEqual([24, 8]);
  });

  test.each<[LayoutOptions, number[], number, number]>([
    [{ packed: true }, [0, 1, 9, 11], 12, 1],
    [{ pack: 1 }, [0, 1, 9, 11], 12, 1],
    [{ pack: 2 }, [0, 2, 10, 12], 14, 2],
    [{ pack: 16 }, [0, 8, 16, 18], 24, 8],
    [{ align: 64 }, [0, 8, 16, 18], 64, 64],
    [{ align: 4 }, [0, 8, 16, 18], 24, 8],
    [{ packed: true, align: 8 }, [0, 1, 9, 11], 16, 8],
  ])('with %o as C does', (options, offsets, size, alignment) => {
    const layout = struct({ a: u8, b: f64, c: u16, d: u8 }, options);
    expect(layout.fields.map(({ offset }) => offset)).toEqual(offsets);
    expect([sizeOf(layout), alignOf(layout)]).toEqual([size, alignment]);
  });

  test('one over another in a union', () => {
    const layout = union({ a: u8, b: arrayOf(u16, 3), c: u32 });
    expect([sizeOf(layout), alignOf(layout), offsetOf(layout, 'c')]).toEqual([8, 4, 0]);
  });

  test('and paths lead to them', () => {
    const point = struct({ x: f64, y: f64 });
    const layout = struct({ a: u8, at: arrayOf(arrayOf(point, 2), 3), in: struct({ b: i32 }) });
    expect([
      offsetOf(layout, 'at'),
      offsetOf(layout, 'at[2]'),
      offsetOf(layout, 'at[2][1].y'),
      offsetOf(layout, 'in.b'),
    ]).toEqual([8, 72, 96, 104]);
    const offset = offsetOf as (of: unknown, path: unknown) => number;
    for (const path of [
      '',
      'b',
      'at.x',
      'at[3]',
      'at[-1]',
      'at[',
      'in.',
      '.in',
      'in b',
      'in..b',
      'a[0]',
      'a.b',
      5,
      null,
    ])
      refusal(() => offset(layout, path), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    for (const none of [f64, null, {}, 'x'])
      refusal(() => offset(none, 'a'), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(() => offset(layout, 'on')).toThrow("did you mean 'in'?");
  });

  test('sizes are known of types, too', () => {
    expect([
      sizeOf(u8),
      sizeOf(pointer),
      sizeOf(cString(5)),
      sizeOf(arrayOf(u32, 3)),
      alignOf(bytes(9)),
    ]).toEqual([1, 8, 5, 12, 1]);
    expect([alignOf('float64'), alignOf(Int16Array)]).toEqual([8, 2]);
  });
});

describe('what is no layout is refused', () => {
  test.each<[string, () => unknown]>([
    ['constructor', () => struct({ constructor: f64 })],
    ['no object', () => struct(null as never)],
    ['a type', () => struct(f64 as never)],
    ['a field that is no type', () => struct({ a: 'f64' as never })],
    ['a class in the place of a type', () => struct({ a: Float64Array as never })],
    ['what only looks like a type', () => struct({ a: { size: 8, alignment: 8 } as never })],
    ['an object with the prototype of one', () => struct({ a: Object.create(f64) as never })],
    ['a proxy of one', () => struct({ a: new Proxy(f64, {}) })],
    ['a name that is a number', () => struct({ 1: f64 })],
    ['a name with a blank', () => struct({ 'a b': f64 })],
    ['an empty name', () => struct({ '': f64 })],
    ['__proto__', () => struct(JSON.parse('{"__proto__":0}') as never)],
    ['__proto__ as a field', () => struct(Object.fromEntries([['__proto__', f64]]))],
    ['toJSON', () => struct({ toJSON: f64 })],
    ['an option that is not known', () => struct({ a: f64 }, { pakced: true } as never)],
    ['a pack of 3', () => struct({ a: f64 }, { pack: 3 as never })],
    ['packed and pack: 4', () => struct({ a: f64 }, { packed: true, pack: 4 })],
    ['a name of a layout that is none', () => struct({ a: f64 }, { name: 5 as never })],
    ['an array of what is no type', () => arrayOf(Float64Array as never, 3)],
    [
      'a type made by its class',
      () => new (f64.constructor as new (...all: unknown[]) => FieldType)({}, 'u8', 0.5, 'x', 'x'),
    ],
    [
      'a layout made by its class',
      () => new (struct({ a: u8 }).constructor as new (...all: unknown[]) => FieldType)({}, {}),
    ],
  ])('%s', (_title, make) => void refusal(make, 'ERR_FREEHOLD_INVALID_ARGUMENT'));

  test.each<[string, () => unknown]>([
    ['no fields', () => struct({})],
    ['no elements', () => arrayOf(u8, 0)],
    ['a length that is none', () => cString(1.5)],
    ['no bytes', () => bytes(0)],
    ['more than 1 GiB', () => struct({ a: arrayOf(u8, 2 ** 30), b: u8 })],
    ['far more', () => arrayOf(arrayOf(u8, 2 ** 30), 2 ** 40)],
  ])('%s', (_title, make) => void refusal(make, 'ERR_FREEHOLD_INVALID_SIZE'));

  test.each([3, 0, 2 ** 22, '8', NaN])('an alignment of %s', (align) => {
    refusal(() => struct({ a: u8 }, { align: align as number }), 'ERR_FREEHOLD_INVALID_ALIGNMENT');
  });
});

test('getters of fields and options are read once', () => {
  let reads = 0;
  const layout = struct({
    get a() {
      reads++;
      return u8;
    },
  });
  expect([reads, layout.fields.length]).toEqual([1, 1]);
});

test('names that mean something in JavaScript are fields as others', () => {
  const names = [
    'toString',
    'valueOf',
    'hasOwnProperty',
    'block',
    'get',
    'then',
    'address',
    'length',
    'name',
  ];
  const layout = struct(Object.fromEntries(names.map((name) => [name, u8])));
  const p = create(heap, layout, Object.fromEntries(names.map((name, index) => [name, index])));
  expect(names.map((name) => p[name])).toEqual(names.map((_, index) => index));
  for (const name of names) p[name] = 7;
  expect(Object.values(toObject(p))).toEqual(names.map(() => 7));
  expect(JSON.parse(JSON.stringify(p))).toEqual(toObject(p));
  expect(inspect(p)).toContain('then: 7');
  destroy(p);
  expect(inspect(p)).toBe('struct { destroyed }');
});

test('a struct has its fields, and nothing that reaches beyond them', () => {
  const p = create(heap, struct({ a: u8, b: i8 }));
  expect(Object.keys(p)).toEqual([]);
  expect(['a' in p, 'c' in p]).toEqual([true, false]);
  const found: unknown[] = [];
  for (let each: unknown = p; each !== Object.prototype; each = Object.getPrototypeOf(each) as object)
    found.push(...Reflect.ownKeys(each as object));
  expect(found).toEqual(['a', 'b', 'toJSON', Symbol.dispose, inspect.custom]);
  const prototype = Object.getPrototypeOf(p) as object;
  expect(Reflect.defineProperty(prototype, 'a', { value: 1 })).toBe(false);
});

test('an accessor on what is no struct of its layout throws ERR_FREEHOLD_INVALID_RECEIVER', () => {
  const layout = struct({ n: u32, big: u64, flag: bool, text: cString(4), in: struct({ a: u8 }) });
  const p = create(heap, layout);
  const other = create(
    heap,
    struct({ n: u32, big: u64, flag: bool, text: cString(4), in: struct({ a: u8 }) }),
  );
  const prototype = Object.getPrototypeOf(p) as object;
  const receivers = [
    undefined,
    null,
    5,
    'x',
    {},
    prototype,
    Object.create(p),
    new Proxy(p, {}),
    other,
    heap.alloc(64),
  ];
  for (const { name } of layout.fields) {
    const { get, set } = Object.getOwnPropertyDescriptor(prototype, name)!;
    for (const receiver of receivers) {
      refusal(() => get!.call(receiver), 'ERR_FREEHOLD_INVALID_RECEIVER');
      const value = { n: 1, big: 1n, flag: true, text: 'x', in: { a: 1 } }[name];
      refusal(() => set!.call(receiver, value), 'ERR_FREEHOLD_INVALID_RECEIVER');
    }
  }
  const base = Object.getPrototypeOf(prototype) as Record<string | symbol, () => unknown>;
  for (const receiver of [undefined, null, {}, prototype, new Proxy(p, {})])
    for (const key of ['toJSON', Symbol.dispose])
      refusal(() => base[key].call(receiver), 'ERR_FREEHOLD_INVALID_RECEIVER');
  for (const key of ['view', 'read', 'write', 'array', 'toC', 'toJSON', 'toString'] as const)
    for (const receiver of [undefined, null, {}, Object.create(layout)])
      refusal(() => (layout[key] as () => unknown).call(receiver), 'ERR_FREEHOLD_INVALID_RECEIVER');
});

test('layouts print themselves', () => {
  const layout = struct({ a: u8, list: arrayOf(f64, 2) }, { name: 'thing' });
  expect(inspect(layout)).toBe('struct thing { a: u8 @ 0, list: arrayOf(f64, 2) @ 8 } (24 bytes)');
  expect([inspect(f64), String(cString(4)), JSON.stringify(layout)]).toEqual([
    'f64 { 8 bytes }',
    'cString(4)',
    '{"type":"thing","size":24,"alignment":8}',
  ]);
});

test('C is told names that it can take', () => {
  const inner = struct({ n: i32 }, { name: 'inner' });
  const text = struct({
    a: inner,
    b: arrayOf(inner, 2),
    c: union({ p: pointer, m: arrayOf(arrayOf(u8, 2), 3) }),
  }).toC('outer');
  expect(text).toBe(
    [
      'typedef struct inner {',
      '  int32_t n;',
      '} inner;',
      'typedef union outer_c {',
      '  void *p;',
      '  uint8_t m[3][2];',
      '} outer_c;',
      'typedef struct outer {',
      '  inner a;',
      '  inner b[2];',
      '  outer_c c;',
      '} outer;',
    ].join('\n'),
  );
  expect(struct({ a: u8 }, { pack: 2, align: 16, name: 'x' }).toC()).toBe(
    '#pragma pack(push, 2)\ntypedef struct __attribute__((aligned(16))) x {\n  uint8_t a;\n} x;\n#pragma pack(pop)',
  );
  for (const name of ['int', 'a b', '', 'class', 'x;'])
    refusal(() => inner.toC(name), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  refusal(() => struct({ register: u8 }).toC('x'), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  refusal(() => struct({ a: u8 }).toC(), 'ERR_FREEHOLD_INVALID_ARGUMENT');
});

const PROGRAM = `
import assert from 'node:assert/strict';
import { Heap, create, destroy, f64, i32, struct, u64 } from 'freehold';
const heap = new Heap();
const layouts = Array.from({ length: 10 }, (_, n) => struct({ ['a' + n]: i32, x: f64, big: u64 }));
for (const layout of layouts) {
  const p = create(heap, layout, { x: 1 });
  for (let k = 0; k < 1000; k++) { p.x += k; p.big = BigInt(k); }
  assert.deepEqual([p.x, p.big], [499501, 999n]);
  destroy(p);
  assert.throws(() => p.x, { code: 'ERR_FREEHOLD_USE_AFTER_FREE' });
}
console.log('ok');
`;

test.each<[string, string, string[]]>([
  ['where code may not be made of text', PROGRAM, ['--disallow-code-generation-from-strings']],
  [
    'where node:vm does not work',
    `import vm from 'node:vm'; import { syncBuiltinESMExports } from 'node:module'; vm.Script = class { constructor() { throw new Error('no'); } }; syncBuiltinESMExports(); const { default: run } = await import('data:text/javascript,export default 0');\n${PROGRAM.replaceAll(/^import (.*) from '(.*)';$/gm, "const $1 = await import('$2');").replace('const assert =', 'const { default: assert } =')}`,
    [],
  ],
  [
    'where what is compiled lacks something',
    `import vm from 'node:vm'; import { syncBuiltinESMExports } from 'node:module'; vm.Script = class { runInThisContext() { return () => ({ make() { throw new ReferenceError('helper'); } }); } }; syncBuiltinESMExports();\n${PROGRAM.replaceAll(/^import (.*) from '(.*)';$/gm, "const $1 = await import('$2');").replace('const assert =', 'const { default: assert } =')}`,
    [],
  ],
  [
    'after a program has changed the prototypes of the language',
    `import 'freehold'; DataView.prototype.getFloat64 = () => 7; DataView.prototype.setFloat64 = () => {}; Uint8Array.prototype.fill = () => {};\n${PROGRAM}`,
    [],
  ],
])('structs work %s', async (_title, program, execArgv) => {
  const { stdout } = await runChild(program, { execArgv });
  expect(stdout).toBe('ok\n');
});
