import { types } from 'node:util';

// The getters of views, captured: an object with a property of the same name cannot lie to them.
const typedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as object;

function getter<T>(prototype: object, name: string): (view: unknown) => T {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with a receiver, below
  const get = Object.getOwnPropertyDescriptor(prototype, name)?.get;
  if (get === undefined) throw new TypeError(`no getter ${name}`);
  return Function.prototype.call.bind(get) as (view: unknown) => T;
}

const typedArrayBuffer = getter<ArrayBufferLike>(typedArrayPrototype, 'buffer');
const dataViewBuffer = getter<ArrayBufferLike>(DataView.prototype, 'buffer');

/** The offset of a typed array in bytes; 0 when its buffer is detached. */
export const byteOffsetOf = getter<number>(typedArrayPrototype, 'byteOffset');
/** The length of a typed array in bytes; 0 when its buffer is detached. */
export const byteLengthOf = getter<number>(typedArrayPrototype, 'byteLength');
/** The length of an ArrayBuffer in bytes; 0 when it is detached. */
export const bufferLengthOf = getter<number>(ArrayBuffer.prototype, 'byteLength');

/** The buffer of a view; undefined when `value` is no view. */
export function bufferOf(value: unknown): ArrayBufferLike | undefined {
  if (types.isTypedArray(value)) return typedArrayBuffer(value);
  return types.isDataView(value) ? dataViewBuffer(value) : undefined;
}
