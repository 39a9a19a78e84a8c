import { fill } from '../captured.ts';
import { putBytes } from './c-string.ts';
import type { Codec } from './codec.ts';
import * as errors from './errors.ts';
import { FieldType } from './field-type.ts';
import type { Memory } from './memory.ts';
import { type Aim, Region } from './region.ts';
import { StructArray, aimOfArray } from './struct-array.ts';

/** How arrays are read and written, as fields or whole. */
export function arrayAim(element: FieldType, length: number, label: string): Aim {
  const { size } = element;
  const each = FieldType.codecOf(element);
  const codec: Codec = {
    depth: 1 + each.depth,

    read: (owner, key, memory, at) =>
      Region.partOf(owner, key) ??
      Region.addPart(owner, key, new StructArray(aim, element, length, memory, at, Region.keepOf(owner))),

    copy: (memory, at, forJson) =>
      Array.from({ length }, (_, index) => each.copy(memory, at + index * size, forJson)),

    plan: (plan, offset, value, name) => {
      if (Region.is(value) && Region.codecOf(value) === codec) {
        plan.add(putBytes, offset, Region.snapshot(value));
        return;
      }
      const values = valuesOf(value, length, name);
      values.forEach((given, index) => each.plan(plan, offset + index * size, given, name));
      plan.add(putZeros, offset + values.length * size, (length - values.length) * size);
    },
  };
  const aim = aimOfArray(codec, label, element.size * length);
  return aim;
}

function valuesOf(value: unknown, length: number, name: string): unknown[] {
  const iterable = value as Iterable<unknown> | null | undefined;
  if (iterable === null || iterable === undefined || typeof iterable[Symbol.iterator] !== 'function')
    throw errors.wrongValue(name, 'values one after another, such as an array', value);
  const values: unknown[] = [];
  for (const given of iterable) {
    if (values.length === length) throw errors.wrongLength(name, `up to ${length} elements`, 'more');
    values.push(given);
  }
  return values;
}

function putZeros(memory: Memory, at: number, byteLength: number): void {
  fill(memory.bytes, 0, at, at + byteLength);
}
