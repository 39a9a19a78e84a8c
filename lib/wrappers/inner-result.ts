import { types } from 'node:util';

import { Block } from '../block.ts';
import { byteLengthOf } from '../captured.ts';
import type { FreeholdError } from '../errors.ts';
import { describe } from '../validate.ts';
import { notABlockOf } from './errors.ts';
import type { Layer, Request } from './layer.ts';

// Not every allocator is ours: what a wrapper gets from the one that it wraps is checked before it is handed out.

/** Whether an allocator returned what it must. Asks the view itself, not its properties. */
export function isBlockOf(value: unknown, size: number): value is Block {
  return value instanceof Block && types.isUint8Array(value) && byteLengthOf(value) === size;
}

/** What is thrown when it did not. The value is left alone: who knows whose memory it is. */
export function garbage(layer: Layer, request: Request, size: number, value: unknown): FreeholdError {
  const isBlock = value instanceof Block && types.isUint8Array(value);
  const found = isBlock ? `a block of ${byteLengthOf(value)} bytes` : describe(value);
  return notABlockOf(layer.name, request, size, found);
}
