// @ts-check
// Loops over a field of each of many structs, for every peer. What is read is compared, and not added up: bigints do not add to
// numbers. The work is [structs], read by each call.
import koffi from 'koffi';
import { separate } from './separate.mjs';

/**
 * @typedef {() => unknown} Loop
 * @typedef {number | bigint} Value
 * @typedef {{ value: Value }} Holder a struct of ours, or an object
 * @typedef {Float64Array | Int32Array | Uint8Array | BigInt64Array} Numbers
 * @typedef {'f64' | 'i32' | 'u8' | 'i64'} Kind
 */

/** @param {readonly Holder[]} structs @param {Value} wanted @returns {Loop} */
export const reads = (structs, wanted) =>
  separate((/** @type {readonly Holder[]} */ structs, /** @type {Value} */ wanted) => () => {
    let hits = 0;
    for (let k = 0; k < structs.length; k++) if (structs[k].value === wanted) hits++;
    return hits;
  })(structs, wanted);

/** @param {readonly Holder[]} structs @param {readonly Value[]} values four @returns {Loop} */
export const writes = (structs, values) =>
  separate((/** @type {readonly Holder[]} */ structs, /** @type {readonly Value[]} */ values) => () => {
    for (let k = 0; k < structs.length; k++) structs[k].value = values[k & 3];
  })(structs, values);

/** By the cursor of an array. @param {{ length: number, at(index: number): Holder }} structs @param {Value} wanted @returns {Loop} */
export const cursorReads = (structs, wanted) =>
  separate(
    (/** @type {{ length: number, at(index: number): Holder }} */ structs, /** @type {Value} */ wanted) =>
      () => {
        let hits = 0;
        const { length } = structs;
        for (let k = 0; k < length; k++) if (structs.at(k).value === wanted) hits++;
        return hits;
      },
  )(structs, wanted);

/** A typed array for each struct. @param {readonly Numbers[]} arrays @param {number} index @param {Value} wanted @returns {Loop} */
export const arrayReads = (arrays, index, wanted) =>
  separate(
    (/** @type {readonly Numbers[]} */ arrays, /** @type {number} */ index, /** @type {Value} */ wanted) =>
      () => {
        let hits = 0;
        for (let k = 0; k < arrays.length; k++) if (arrays[k][index] === wanted) hits++;
        return hits;
      },
  )(arrays, index, wanted);

/** @param {readonly Numbers[]} arrays @param {number} index @param {readonly Value[]} values @returns {Loop} */
export const arrayWrites = (arrays, index, values) =>
  separate(
    (
      /** @type {readonly Numbers[]} */ arrays,
      /** @type {number} */ index,
      /** @type {readonly Value[]} */ values,
    ) =>
      () => {
        for (let k = 0; k < arrays.length; k++) arrays[k][index] = values[k & 3];
      },
  )(arrays, index, values);

/** One typed array for all structs. @param {Numbers} array @param {number} stride in elements @param {number} index @param {Value} wanted @returns {Loop} */
export const strideReads = (array, stride, index, wanted) =>
  separate(
    (
      /** @type {Numbers} */ array,
      /** @type {number} */ stride,
      /** @type {number} */ index,
      /** @type {Value} */ wanted,
    ) =>
      () => {
        let hits = 0;
        for (let at = index; at < array.length; at += stride) if (array[at] === wanted) hits++;
        return hits;
      },
  )(array, stride, index, wanted);

/** @typedef {(views: readonly DataView[], at: number, wanted: Value) => Loop} ViewReads */
/** @typedef {(views: readonly DataView[], at: number, values: readonly never[]) => Loop} ViewWrites */

/** A DataView for each struct. The method is part of the text, as in a program. @type {Record<Kind, ViewReads>} */
export const viewReads = {
  f64: (views, at, wanted) => () => {
    let hits = 0;
    for (let k = 0; k < views.length; k++) if (views[k].getFloat64(at, true) === wanted) hits++;
    return hits;
  },
  i32: (views, at, wanted) => () => {
    let hits = 0;
    for (let k = 0; k < views.length; k++) if (views[k].getInt32(at, true) === wanted) hits++;
    return hits;
  },
  u8: (views, at, wanted) => () => {
    let hits = 0;
    for (let k = 0; k < views.length; k++) if (views[k].getUint8(at) === wanted) hits++;
    return hits;
  },
  i64: (views, at, wanted) => () => {
    let hits = 0;
    for (let k = 0; k < views.length; k++) if (views[k].getBigInt64(at, true) === wanted) hits++;
    return hits;
  },
};

/** @type {Record<Kind, ViewWrites>} */
export const viewWrites = {
  f64: (views, at, values) => () => {
    for (let k = 0; k < views.length; k++) views[k].setFloat64(at, values[k & 3], true);
  },
  i32: (views, at, values) => () => {
    for (let k = 0; k < views.length; k++) views[k].setInt32(at, values[k & 3], true);
  },
  u8: (views, at, values) => () => {
    for (let k = 0; k < views.length; k++) views[k].setUint8(at, values[k & 3]);
  },
  i64: (views, at, values) => () => {
    for (let k = 0; k < views.length; k++) views[k].setBigInt64(at, values[k & 3], true);
  },
};

/** @param {readonly bigint[]} addresses of the fields @param {string} type of C @param {Value} wanted @returns {Loop} */
export const koffiReads = (addresses, type, wanted) =>
  separate(
    (
      /** @type {typeof koffi} */ koffi,
      /** @type {readonly bigint[]} */ addresses,
      /** @type {import('koffi').TypeObject} */ type,
      /** @type {Value} */ wanted,
    ) =>
      () => {
        let hits = 0;
        for (let k = 0; k < addresses.length; k++) if (koffi.decode(addresses[k], type) === wanted) hits++;
        return hits;
      },
  )(koffi, addresses, koffi.type(type), wanted);

/** @param {readonly bigint[]} addresses @param {string} type @param {readonly Value[]} values @returns {Loop} */
export const koffiWrites = (addresses, type, values) =>
  separate(
    (
      /** @type {typeof koffi} */ koffi,
      /** @type {readonly bigint[]} */ addresses,
      /** @type {import('koffi').TypeObject} */ type,
      /** @type {readonly Value[]} */ values,
    ) =>
      () => {
        for (let k = 0; k < addresses.length; k++) koffi.encode(addresses[k], type, values[k & 3]);
      },
  )(koffi, addresses, koffi.type(type), values);
