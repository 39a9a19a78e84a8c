import { types } from 'node:util';

import { FreeholdError } from './errors.ts';
import { describe } from './validate.ts';
import { bufferOf, byteLengthOf, byteOffsetOf, viewLengthOf, viewOffsetOf } from './captured.ts';

type TypedArrayName =
  | 'Int8Array'
  | 'Uint8Array'
  | 'Uint8ClampedArray'
  | 'Int16Array'
  | 'Uint16Array'
  | 'Int32Array'
  | 'Uint32Array'
  | 'Float16Array'
  | 'Float32Array'
  | 'Float64Array'
  | 'BigInt64Array'
  | 'BigUint64Array';

/** The typed array classes of the language. `Float16Array` is one where the program's own settings know it (Node 24). */
export type TypedArrayConstructor = (typeof globalThis)[Extract<keyof typeof globalThis, TypedArrayName>];

/** What a typed array class makes over an ordinary ArrayBuffer. */
export type TypedArray<C extends TypedArrayConstructor> = InstanceType<C>;

const constructors = new Set<unknown>([
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
]);
const { Float16Array } = globalThis as { Float16Array?: unknown };
if (Float16Array !== undefined) constructors.add(Float16Array);

/** Whether a value is one of the language's typed array classes. */
export function isTypedArrayConstructor(value: unknown): value is TypedArrayConstructor {
  return constructors.has(value);
}

/** The class of a typed array that is none of the program's own; undefined for Buffers, and for views that are none. */
export function typedArrayClassOf(view: ArrayBufferView): TypedArrayConstructor | undefined {
  const prototype = Object.getPrototypeOf(view) as object | null;
  for (const constructor of constructors as Set<TypedArrayConstructor>)
    if (constructor.prototype === prototype) return constructor;
  return undefined;
}

/** One of the language's typed array classes. */
export function checkTypedArrayConstructor(value: unknown): void {
  if (constructors.has(value)) return;
  throw new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `the class of an array must be a typed array such as Float64Array, but is ${describe(value)}`,
  );
}

/** The bytes of a view, an ArrayBuffer or a SharedArrayBuffer, not copied. */
export function bytesOf(value: unknown): Uint8Array {
  try {
    if (types.isAnyArrayBuffer(value)) return new Uint8Array(value);
    const buffer = bufferOf(value);
    if (buffer !== undefined) {
      return types.isDataView(value)
        ? new Uint8Array(buffer, viewOffsetOf(value), viewLengthOf(value))
        : new Uint8Array(buffer, byteOffsetOf(value), byteLengthOf(value));
    }
  } catch (cause) {
    throw new FreeholdError(
      'ERR_FREEHOLD_INVALID_ARGUMENT',
      'bytes have no memory any more: it was transferred, or its allocator reset; copy them before that',
      { cause },
    );
  }
  throw new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `bytes must be a view, an ArrayBuffer or a SharedArrayBuffer, but are ${describe(value)}`,
  );
}
