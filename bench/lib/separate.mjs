// @ts-check

let serial = 0;

/**
 * The same function compiled anew, with feedback and optimised code of its own. Without it all closures of one
 * function share their type feedback, and the peer that runs second is measured with call sites that the first one has
 * made polymorphic.
 *
 * The function must take all that it uses as parameters: it loses the scope that it was written in.
 *
 * @template {Function} F
 * @param {F} fn
 * @returns {F}
 */
export function separate(fn) {
  // V8 caches what it evaluates by its text, so the number makes the text a new one.
  return new Function(`'use strict'; /* ${++serial} */ return ${fn.toString()}`)();
}
