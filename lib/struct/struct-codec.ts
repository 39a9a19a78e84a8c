import { describe } from '../validate.ts';
import { putBytes } from './c-string.ts';
import type { Codec } from './codec.ts';
import * as errors from './errors.ts';
import { FieldType } from './field-type.ts';
import type { Shape } from './fields.ts';
import type { Memory } from './memory.ts';
import { Region } from './region.ts';
import { suggest } from './suggest.ts';

/** How structs and unions are read and written, as parts of others or whole. */
export function structCodec(
  { fields, name: layout }: Shape,
  make: (memory: Memory, at: number, keep: ArrayBufferView) => Region,
): Codec {
  const byName = new Map(fields.map((field) => [field.name, { ...field, label: `${layout}.${field.name}` }]));
  const codec: Codec = {
    depth: 1 + Math.max(...fields.map(({ type }) => FieldType.codecOf(type).depth)),

    read: (owner, key, memory, at) =>
      Region.partOf(owner, key) ?? Region.addPart(owner, key, make(memory, at, Region.keepOf(owner))),

    copy: (memory, at, forJson) => {
      const copy: Record<string, unknown> = {};
      for (const { name, type, offset } of fields)
        copy[name] = FieldType.codecOf(type).copy(memory, at + offset, forJson);
      return copy;
    },

    plan: (plan, offset, value, label) => {
      if (Region.is(value)) {
        // As C does it: the bytes, padding included.
        if (Region.codecOf(value) !== codec)
          throw errors.invalid(`${label} takes a struct ${layout}, not ${Region.labelOf(value)}`);
        plan.add(putBytes, offset, Region.snapshot(value));
        return;
      }
      if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Array.isArray(value))
        throw errors.invalid(
          `${label} takes an object with values of its fields, but was given ${describe(value)}`,
        );
      // A copy, so that each getter runs once.
      const given: Record<string, unknown> = { ...value };
      for (const name of Object.keys(given)) {
        const field = byName.get(name);
        if (field === undefined) throw errors.noSuchField(label, name, suggest(name, fields));
        FieldType.codecOf(field.type).plan(plan, offset + field.offset, given[name], field.label);
      }
    },
  };
  return codec;
}
