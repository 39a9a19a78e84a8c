import { describe } from '../validate.ts';
import { ArrayType } from './array-type.ts';
import * as errors from './errors.ts';
import type { FieldType } from './field-type.ts';
import { Layout } from './layout.ts';
import { suggest } from './suggest.ts';

/**
 * The offset in bytes of what a path leads to: `'b'`, `'b.x'`, `'points[3].x'`.
 *
 * @throws what `offsetOf` documents.
 */
export function locate(layout: Layout, path: unknown): { type: FieldType; offset: number } {
  if (typeof path !== 'string')
    throw errors.invalid(`a path must be a string such as 'a' or 'a[1].b', but is ${describe(path)}`);
  // Each step is a name behind a dot, or an index in brackets.
  const step = /(?:^|(?!^)\.)([A-Za-z_]\w*)|\[(\d{1,10})\]/y;
  let type: FieldType = layout;
  let offset = 0;
  while (step.lastIndex < path.length) {
    const begin = step.lastIndex;
    const [, name, index] = step.exec(path) ?? [];
    if (name === undefined && index === undefined)
      throw errors.invalid(`the path ${describe(path)} has neither a name nor an index at ${begin}`);
    const found = name === undefined ? elementOf(type, Number(index)) : fieldOf(type, name);
    type = found.type;
    offset += found.offset;
  }
  if (path === '') throw errors.invalid('a path must name a field');
  return { type, offset };
}

function fieldOf(type: FieldType, name: string): { type: FieldType; offset: number } {
  const fields = Layout.is(type) ? Layout.shapeOf(type).fields : [];
  const field = fields.find((each) => each.name === name);
  if (field !== undefined) return field;
  throw errors.noSuchField(String(type), name, suggest(name, fields));
}

function elementOf(type: FieldType, index: number): { type: FieldType; offset: number } {
  if (ArrayType.is(type) && index < type.length)
    return { type: type.element, offset: index * type.element.size };
  throw errors.invalid(`${type.toString()} has no element [${index}]`);
}
