import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Value, ValueRef } from 'freehold';
import { refusal } from '../lib/codes.ts';

const INVALID = 'ERR_FREEHOLD_INVALID_ARGUMENT';

describe('the word of', () => {
  test.each([
    [0, 0xfff9_0000_0000_0000n, 'int32'],
    [7, 0xfff9_0000_0000_0007n, 'int32'],
    [-1, 0xfff9_0000_ffff_ffffn, 'int32'],
    [2 ** 31 - 1, 0xfff9_0000_7fff_ffffn, 'int32'],
    [-(2 ** 31), 0xfff9_0000_8000_0000n, 'int32'],
    [-0, 0x8000_0000_0000_0000n, 'double'],
    [2 ** 31, 0x41e0_0000_0000_0000n, 'double'],
    [0.5, 0x3fe0_0000_0000_0000n, 'double'],
    [NaN, 0x7ff8_0000_0000_0000n, 'double'],
    [Infinity, 0x7ff0_0000_0000_0000n, 'double'],
    [-Infinity, 0xfff0_0000_0000_0000n, 'double'],
    [false, 0xfffa_0000_0000_0000n, 'bool'],
    [true, 0xfffa_0000_0000_0001n, 'bool'],
    [null, 0xfffb_0000_0000_0000n, 'null'],
  ] as const)('%s is as documented, and is it again', (value, word, kind) => {
    expect(Value.encode(value)).toBe(word);
    expect([Value.decode(word), Value.kind(word)]).toEqual([value, kind]);
    const view = new DataView(new ArrayBuffer(24));
    Value.write(view, 9, value);
    expect([view.getBigUint64(9, true), view.getUint8(8), view.getUint8(17)]).toEqual([word, 0, 0]);
    expect([Value.read(view, 9), Value.kindAt(view, 9)]).toEqual([value, kind]);
  });

  test.each(['string', 'list'] as const)('a %s has the 48 bits of its name', (kind) => {
    const tag = kind === 'string' ? 0xfffcn : 0xfffdn;
    for (const ref of [0, 64, 2 ** 28 - 1, 0x7fff_dead_beef, 2 ** 48 - 1]) {
      const word = Value.encode(Value[kind](ref));
      expect(word).toBe((tag << 48n) | BigInt(ref));
      const again = Value.decode(word) as ValueRef;
      expect([again.kind, again.ref, Value.kind(word)]).toEqual([kind, ref, kind]);
      expect(again).toBeInstanceOf(ValueRef);
    }
  });

  test('any double is the same double again, and never taken for anything else', () => {
    fc.assert(
      fc.property(fc.double(), (number) => {
        expect(Value.decode(Value.encode(number))).toBe(number);
        expect(Value.decode(Value.double(number))).toBe(number);
        expect(Value.kind(Value.double(number))).toBe('double');
      }),
    );
  });

  test('NaN of any bits reads as NaN, and of those that doubles can have no other is written', () => {
    const numbers = new BigUint64Array([
      0xfff8_0000_0000_0000n,
      0xffff_ffff_ffff_ffffn,
      0x7ff0_0000_0000_0001n,
    ]);
    for (const nan of new Float64Array(numbers.buffer)) {
      expect(Value.encode(nan)).toBe(0x7ff8_0000_0000_0000n);
      expect(Value.double(nan)).toBe(0x7ff8_0000_0000_0000n);
    }
    expect(Value.decode(0xfff8_0000_0000_0000n)).toBe(NaN);
  });

  test('zeroed memory is the number 0', () => {
    expect(Value.read(new DataView(new ArrayBuffer(8)), 0)).toBe(0);
  });
});

describe('what is no value is refused with ERR_FREEHOLD_INVALID_ARGUMENT:', () => {
  test('other types', () => {
    for (const none of [undefined, 'text', 7n, {}, [], Symbol(), { kind: 'string', ref: 1 }])
      refusal(() => Value.encode(none as never), INVALID);
    refusal(() => Value.double('1' as never), INVALID);
  });

  test('words of unknown tags, and what is no word', () => {
    for (const none of [
      0xfffe_0000_0000_0000n,
      0xffff_ffff_ffff_ffffn,
      -1n,
      1n << 64n,
      7,
      null,
      '0',
    ] as never[]) {
      refusal(() => Value.decode(none), INVALID);
      refusal(() => Value.kind(none), INVALID);
    }
  });

  test('names that do not fit', () => {
    for (const none of [-1, 2 ** 48, 0.5, NaN, 7n, '1', undefined] as never[]) {
      refusal(() => Value.string(none), INVALID);
      refusal(() => Value.list(none), INVALID);
    }
  });

  test('places that are not within the view', () => {
    const view = new DataView(new ArrayBuffer(12), 2);
    for (const at of [-1, 3, 0.5, NaN, '0', undefined] as never[]) {
      refusal(() => Value.write(view, at, 1), INVALID);
      refusal(() => Value.read(view, at), INVALID);
      refusal(() => Value.kindAt(view, at), INVALID);
    }
    Value.write(view, 2, 1);
    for (const none of [new Uint8Array(16), null, {}] as never[]) refusal(() => Value.read(none, 0), INVALID);
    structuredClone(view.buffer, { transfer: [view.buffer] });
    refusal(() => Value.read(view, 0), INVALID);
  });

  test('receivers that are no names', () => {
    for (const member of ['kind', 'ref'] as const)
      refusal(() => Reflect.get(ValueRef.prototype, member, {}), 'ERR_FREEHOLD_INVALID_RECEIVER');
  });
});
