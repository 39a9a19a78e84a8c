import type { Codec } from './codec.ts';
import { compileUnit } from './compile.ts';
import * as errors from './errors.ts';
import { FieldType } from './field-type.ts';
import type { PlacedField, Shape } from './fields.ts';
import { NO_MEMORY } from './memory.ts';
import { Plan } from './plan.ts';
import { Region } from './region.ts';
import { Scalar } from './scalar.ts';
import type { Unit, UnitField } from './unit.ts';

const tools = Object.freeze({ Region, NO_MEMORY, refuse, read, write });

/** The code for structs of a layout that begin at multiples of `alignment`. */
export function unitFor(shape: Shape, codec: Codec, alignment: number): Unit {
  const fields = shape.fields.map(({ name, type, offset }, key) => ({
    key,
    name,
    offset,
    label: `${shape.name}.${name}`,
    codec: FieldType.codecOf(type),
    access: accessTo({ name, type, offset }, alignment),
  }));
  const large = fields.some(({ access }) => access === 'u64' || access === 'i64');
  return compileUnit(tools, { label: shape.name, size: shape.size, codec, large, fields });
}

function accessTo({ type, offset }: PlacedField, alignment: number): string {
  if (!(type instanceof Scalar)) return 'other';
  const reachable = type.size < 8 || type.kind === 'f64' || (offset % 8 === 0 && alignment % 8 === 0);
  return reachable ? type.kind : 'other';
}

/** Why the accessor of a number has not done its work. */
function refuse(receiver: unknown, unit: Unit, { label, codec }: UnitField, value: unknown): Error {
  const region = checked(receiver, unit, label);
  Region.live(region, label);
  codec.plan(new Plan(), 0, value, label);
  return errors.gone(label);
}

/** Reads a field of any kind. */
function read(receiver: unknown, unit: Unit, { key, offset, label, codec }: UnitField): unknown {
  const region = checked(receiver, unit, label);
  const memory = Region.live(region, label);
  return codec.read(region, key, memory, unit.offsetOf(region) + offset);
}

/** Writes a field of any kind. */
function write(receiver: unknown, unit: Unit, { offset, label, codec }: UnitField, value: unknown): void {
  const region = checked(receiver, unit, label);
  Region.write(region, codec, offset, value, label);
}

function checked(receiver: unknown, unit: Unit, label: string): Region {
  if (unit.is(receiver)) return receiver;
  throw errors.wrongReceiver(label, receiver);
}
