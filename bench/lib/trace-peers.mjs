// @ts-check
// One pass over a recorded trace, for every peer: each block gets a byte in each of its pages, as a program would write
// it. What is given back by hand is; what is not is let go.
import koffi from 'koffi';
import { Heap } from 'freehold';
import { loadMalloc } from './native.mjs';

/**
 * @typedef {Pick<import('./trace.mjs').Trace, 'events' | 'slots'>} Trace
 * @typedef {() => void} Pass
 */

/** @param {Trace} trace @returns {Pass} */
export function heap({ events, slots }) {
  const heap = new Heap();
  /** @type {(Uint8Array | undefined)[]} */
  const blocks = new Array(slots).fill(undefined);
  return () => {
    for (let i = 0; i < events.length; i++) {
      const event = events[i];
      if (event < 0) {
        heap.free(/** @type {Uint8Array} */ (blocks[~event]));
        blocks[~event] = undefined;
      } else {
        const block = heap.allocUnsafe(event);
        for (let at = 0; at < event; at += 4096) block[at] = 1;
        blocks[events[++i]] = block;
      }
    }
  };
}

/** @param {(size: number) => Uint8Array} take @param {Trace} trace @returns {Pass} */
function buffers(take, { events, slots }) {
  /** @type {(Uint8Array | undefined)[]} */
  const blocks = new Array(slots).fill(undefined);
  return () => {
    for (let i = 0; i < events.length; i++) {
      const event = events[i];
      if (event < 0) {
        blocks[~event] = undefined;
      } else {
        const block = take(event);
        for (let at = 0; at < event; at += 4096) block[at] = 1;
        blocks[events[++i]] = block;
      }
    }
  };
}

/** @param {Trace} trace */
export const allocUnsafe = (trace) => buffers(Buffer.allocUnsafe, trace);

/** @param {Trace} trace */
export const allocUnsafeSlow = (trace) => buffers(Buffer.allocUnsafeSlow, trace);

/** Bare pointers; koffi zeroes all bytes itself. @param {Trace} trace @returns {Pass} */
export function koffiAlloc({ events, slots }) {
  const byte = koffi.types.uint8_t;
  /** @type {unknown[]} */
  const blocks = new Array(slots).fill(undefined);
  return () => {
    for (let i = 0; i < events.length; i++) {
      const event = events[i];
      if (event < 0) {
        koffi.free(blocks[~event]);
        blocks[~event] = undefined;
      } else {
        blocks[events[++i]] = koffi.alloc(byte, event);
      }
    }
  };
}

/** @param {Trace} trace @returns {Pass} */
export function cMalloc({ events, slots }) {
  const { replay } = loadMalloc();
  return () => void replay(events, slots, 1);
}

/** What node itself takes, and the trace as data. @returns {Pass} */
export const nothing = () => () => {};
