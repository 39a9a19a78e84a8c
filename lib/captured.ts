/* eslint-disable @typescript-eslint/unbound-method -- to take methods off their objects is what this file is for */
import { types } from 'node:util';

// The language's own methods and getters, captured when the package is loaded: a program that changes a prototype later,
// or an object with a property of the same name, changes nothing for us.

type Method = (this: unknown, ...rest: never[]) => unknown;

/** A method as a function whose first argument is the receiver. */
const uncurry = Function.prototype.bind.bind(Function.prototype.call as Method) as <
  T,
  A extends unknown[],
  R,
>(
  method: (this: T, ...rest: A) => R,
) => (receiver: T, ...rest: A) => R;

function capture<F>(prototype: object, name: string, part: 'value' | 'get'): F {
  const found = Object.getOwnPropertyDescriptor(prototype, name)?.[part] as unknown;
  return (typeof found === 'function' ? uncurry(found as Method) : undefined) as F;
}

type Getter<T> = (receiver: unknown) => T;
type Fill = (view: Uint8Array, value: number, start?: number, end?: number) => void;
type SetBytes = (target: Uint8Array, source: Uint8Array, at?: number) => void;
type Transfer = (buffer: ArrayBuffer, byteLength?: number) => ArrayBuffer;

const typedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as object;
/** The buffer of a typed array. */
export const typedArrayBuffer = capture<Getter<ArrayBufferLike>>(typedArrayPrototype, 'buffer', 'get');
const dataViewBuffer = capture<Getter<ArrayBufferLike>>(DataView.prototype, 'buffer', 'get');

/** The offset of a typed array in bytes; 0 when its buffer is detached. */
export const byteOffsetOf = capture<Getter<number>>(typedArrayPrototype, 'byteOffset', 'get');
/** The length of a typed array in bytes; 0 when its buffer is detached. */
export const byteLengthOf = capture<Getter<number>>(typedArrayPrototype, 'byteLength', 'get');
/** The offset of a DataView in bytes. Throws when its buffer is detached. */
export const viewOffsetOf = capture<Getter<number>>(DataView.prototype, 'byteOffset', 'get');
/** The length of a DataView in bytes. Throws when its buffer is detached. */
export const viewLengthOf = capture<Getter<number>>(DataView.prototype, 'byteLength', 'get');
/** The length of an ArrayBuffer in bytes; 0 when it is detached. */
export const bufferLengthOf = capture<Getter<number>>(ArrayBuffer.prototype, 'byteLength', 'get');
/** The length of a SharedArrayBuffer in bytes. */
const sharedLengthOf = capture<Getter<number>>(SharedArrayBuffer.prototype, 'byteLength', 'get');
const isResizable = capture<Getter<boolean> | undefined>(ArrayBuffer.prototype, 'resizable', 'get');
const isGrowable = capture<Getter<boolean> | undefined>(SharedArrayBuffer.prototype, 'growable', 'get');
const elementAt = capture<(view: unknown, index: number) => unknown>(typedArrayPrototype, 'at', 'value');
/** `view.fill(value, start, end)`. */
export const fill = capture<Fill>(typedArrayPrototype, 'fill', 'value');
/** `target.set(source, at)`. */
export const setBytes = capture<SetBytes>(typedArrayPrototype, 'set', 'value');
/** A copy of some of a view. */
export function slice(view: Uint8Array, begin: number, end: number): Uint8Array {
  const copy = new Uint8Array(end - begin);
  setBytes(copy, new Uint8Array(typedArrayBuffer(view), byteOffsetOf(view) + begin, end - begin));
  return copy;
}

/** `buffer.transfer(byteLength)`; undefined before Node 22. */
export const transfer = capture<Transfer | undefined>(ArrayBuffer.prototype, 'transfer', 'value');

type ReadField<T> = (view: DataView, byteOffset: number, littleEndian?: boolean) => T;
type WriteField<T> = (view: DataView, byteOffset: number, value: T, littleEndian?: boolean) => void;

/** The getters of DataView: `view.getInt32(byteOffset, true)`. They throw for what lies outside of the view. */
export const getInt8 = capture<ReadField<number>>(DataView.prototype, 'getInt8', 'value');
export const getUint8 = capture<ReadField<number>>(DataView.prototype, 'getUint8', 'value');
export const getInt16 = capture<ReadField<number>>(DataView.prototype, 'getInt16', 'value');
export const getUint16 = capture<ReadField<number>>(DataView.prototype, 'getUint16', 'value');
export const getInt32 = capture<ReadField<number>>(DataView.prototype, 'getInt32', 'value');
export const getUint32 = capture<ReadField<number>>(DataView.prototype, 'getUint32', 'value');
export const getFloat32 = capture<ReadField<number>>(DataView.prototype, 'getFloat32', 'value');
export const getFloat64 = capture<ReadField<number>>(DataView.prototype, 'getFloat64', 'value');
export const getBigInt64 = capture<ReadField<bigint>>(DataView.prototype, 'getBigInt64', 'value');
export const getBigUint64 = capture<ReadField<bigint>>(DataView.prototype, 'getBigUint64', 'value');
/** The setters of DataView. They convert the value, which may run its own code: check it before. */
export const setInt8 = capture<WriteField<number>>(DataView.prototype, 'setInt8', 'value');
export const setUint8 = capture<WriteField<number>>(DataView.prototype, 'setUint8', 'value');
export const setInt16 = capture<WriteField<number>>(DataView.prototype, 'setInt16', 'value');
export const setUint16 = capture<WriteField<number>>(DataView.prototype, 'setUint16', 'value');
export const setInt32 = capture<WriteField<number>>(DataView.prototype, 'setInt32', 'value');
export const setUint32 = capture<WriteField<number>>(DataView.prototype, 'setUint32', 'value');
export const setFloat32 = capture<WriteField<number>>(DataView.prototype, 'setFloat32', 'value');
export const setFloat64 = capture<WriteField<number>>(DataView.prototype, 'setFloat64', 'value');
export const setBigInt64 = capture<WriteField<bigint>>(DataView.prototype, 'setBigInt64', 'value');
export const setBigUint64 = capture<WriteField<bigint>>(DataView.prototype, 'setBigUint64', 'value');

/** `list.push(element)`. */
export const push = capture<<T>(list: T[], element: T) => number>(Array.prototype, 'push', 'value');

/** A list that no setter on `Array.prototype` or `Object.prototype` can look into. */
export function withoutPrototype<T>(list: T[]): T[] {
  return Object.setPrototypeOf(list, null) as T[];
}

/** The larger and the smaller of numbers. */
export const { max, min } = Math;

/** The buffer of a view; undefined when `value` is no view. */
export function bufferOf(value: unknown): ArrayBufferLike | undefined {
  if (types.isTypedArray(value)) return typedArrayBuffer(value);
  return types.isDataView(value) ? dataViewBuffer(value) : undefined;
}

/** Where a view lies in its buffer, in bytes. Throws for a DataView whose memory is gone. */
export function extentOf(view: ArrayBufferView): { byteOffset: number; byteLength: number } {
  return types.isDataView(view)
    ? { byteOffset: viewOffsetOf(view), byteLength: viewLengthOf(view) }
    : { byteOffset: byteOffsetOf(view), byteLength: byteLengthOf(view) };
}

/** The length of any buffer in bytes; 0 when it is detached. */
export function memoryLengthOf(buffer: ArrayBufferLike): number {
  return types.isSharedArrayBuffer(buffer) ? sharedLengthOf(buffer) : bufferLengthOf(buffer);
}

/** Whether the length of a buffer may change. */
export function canResize(buffer: ArrayBufferLike): boolean {
  const query = types.isSharedArrayBuffer(buffer) ? isGrowable : isResizable;
  return query !== undefined && query(buffer);
}

/** Whether the memory of a view is there: not detached, nor shrunk to end before it. A view of no bytes cannot tell by its length. */
export function isAttached(view: ArrayBufferView): boolean {
  return types.isDataView(view) ? isReadable(view) : byteLengthOf(view) > 0 || isReadable(view);
}

// Apart, because V8 inlines no function that has a `try` into hot ones.
function isReadable(view: ArrayBufferView): boolean {
  try {
    if (types.isDataView(view)) viewLengthOf(view);
    else elementAt(view, 0);
    return true;
  } catch {
    return false;
  }
}
