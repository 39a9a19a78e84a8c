// @ts-check
// Loops over blocks with an owner: taken, a byte written and read, ended.
import { separate } from './separate.mjs';

/**
 * @typedef {import('freehold').Pool} Pool
 * @typedef {import('freehold').Arena} Arena
 * @typedef {typeof import('freehold')} Freehold
 * @typedef {import('./pairs.mjs').Work} Work [rounds, bytes per block]
 * @typedef {import('./pairs.mjs').Loop} Loop
 */

/** A handle, and its dispose(). @param {Freehold['owned']} owned @param {Pool} pool @returns {Loop} */
export const handles = (owned, pool) =>
  separate(
    (/** @type {Freehold['owned']} */ owned, /** @type {Pool} */ pool) => (/** @type {Work} */ work) => {
      const [rounds, size] = work;
      let sum = 0;
      for (let k = 0; k < rounds; k++) {
        const handle = owned(pool, size);
        const block = handle.value;
        block[0] = k;
        sum += block[0];
        handle.dispose();
      }
      return sum;
    },
  )(owned, pool);

/** The same in a try with a finally, as careful code has it. @param {Freehold['owned']} owned @param {Pool} pool @returns {Loop} */
export const guardedHandles = (owned, pool) =>
  separate(
    (/** @type {Freehold['owned']} */ owned, /** @type {Pool} */ pool) => (/** @type {Work} */ work) => {
      const [rounds, size] = work;
      let sum = 0;
      for (let k = 0; k < rounds; k++) {
        const handle = owned(pool, size);
        try {
          const block = handle.value;
          block[0] = k;
          sum += block[0];
        } finally {
          handle.dispose();
        }
      }
      return sum;
    },
  )(owned, pool);

/** A handle that goes to another, and that one's end. @param {Freehold['owned']} owned @param {Pool} pool @returns {Loop} */
export const moves = (owned, pool) =>
  separate(
    (/** @type {Freehold['owned']} */ owned, /** @type {Pool} */ pool) => (/** @type {Work} */ work) => {
      const [rounds, size] = work;
      let sum = 0;
      for (let k = 0; k < rounds; k++) {
        const handle = owned(pool, size).move();
        const block = handle.value;
        block[0] = k;
        sum += block[0];
        handle.dispose();
      }
      return sum;
    },
  )(owned, pool);

/** A reader of a handle. @param {Freehold['owned']} owned @param {Pool} pool @returns {Loop} */
export const borrows = (owned, pool) =>
  separate(
    (/** @type {import('freehold').Owned<import('freehold').Block>} */ handle) =>
      (/** @type {Work} */ work) => {
        const [rounds] = work;
        let sum = 0;
        for (let k = 0; k < rounds; k++) {
          const reader = handle.borrow();
          sum += reader.value[0];
          reader.end();
        }
        return sum;
      },
  )(owned(pool, pool.blockBytes));

/** Without handles. @param {Pool} pool @returns {Loop} */
export const blocks = (pool) =>
  separate((/** @type {Pool} */ pool) => (/** @type {Work} */ work) => {
    const [rounds, size] = work;
    let sum = 0;
    for (let k = 0; k < rounds; k++) {
      const block = pool.alloc(size);
      block[0] = k;
      sum += block[0];
      pool.free(block);
    }
    return sum;
  })(pool);

/**
 * An owner as one would write it with a WeakMap of who owns what.
 * @param {Pool} pool
 * @returns {Loop}
 */
export const weakMap = (pool) =>
  separate((/** @type {Pool} */ pool) => {
    const owners = new WeakMap();
    class Handle {
      /** @param {import('freehold').Block} value */
      constructor(value) {
        if (owners.has(value)) throw new Error('two owners');
        this.value = value;
        owners.set(value, this);
      }

      dispose() {
        owners.delete(this.value);
        pool.free(this.value);
      }
    }
    return (/** @type {Work} */ work) => {
      const [rounds, size] = work;
      let sum = 0;
      for (let k = 0; k < rounds; k++) {
        const handle = new Handle(pool.alloc(size));
        handle.value[0] = k;
        sum += handle.value[0];
        handle.dispose();
      }
      return sum;
    };
  })(pool);

// ---- Scopes over an arena: each round takes a block and resets ---------------------------------------------------

/** By hand. @param {Arena} arena @returns {Loop} */
export const tryFinally = (arena) =>
  separate((/** @type {Arena} */ arena) => (/** @type {Work} */ work) => {
    const [rounds, size] = work;
    let sum = 0;
    for (let k = 0; k < rounds; k++) {
      try {
        const block = arena.allocUnsafe(size);
        block[0] = k;
        sum += block[0];
      } finally {
        arena.reset();
      }
    }
    return sum;
  })(arena);

/**
 * By scoped() and defer(), as hot code has it: what is deferred is the same function each time.
 * @param {Freehold['scoped']} scoped
 * @param {Arena} arena
 * @returns {Loop}
 */
export const scopes = (scoped, arena) =>
  separate((/** @type {Freehold['scoped']} */ scoped, /** @type {Arena} */ arena) => {
    const reset = () => arena.reset();
    return (/** @type {Work} */ work) => {
      const [rounds, size] = work;
      let sum = 0;
      for (let k = 0; k < rounds; k++) {
        sum += scoped((scope) => {
          scope.defer(reset);
          const block = arena.allocUnsafe(size);
          block[0] = k;
          return block[0];
        });
      }
      return sum;
    };
  })(scoped, arena);

/** By `using`, as TypeScript compiles it for runtimes without it. @param {Freehold['defer']} defer @param {Arena} arena @returns {Loop} */
export const downlevelled = (defer, arena) =>
  separate((/** @type {Freehold['defer']} */ defer, /** @type {Arena} */ arena) => {
    const reset = () => arena.reset();
    /** @param {any} env @param {any} value */
    const add = (env, value) => {
      const dispose = value[Symbol.dispose];
      if (typeof dispose !== 'function') throw new TypeError('Object not disposable.');
      env.stack.push({ value, dispose, async: false });
      return value;
    };
    /** @param {any} env */
    const end = (env) => {
      let each;
      while ((each = env.stack.pop()) !== undefined) {
        try {
          each.dispose.call(each.value);
        } catch (error) {
          env.error = error;
          env.hasError = true;
        }
      }
      if (env.hasError) throw env.error;
    };
    return (/** @type {Work} */ work) => {
      const [rounds, size] = work;
      let sum = 0;
      for (let k = 0; k < rounds; k++) {
        const env = { stack: [], error: undefined, hasError: false };
        try {
          add(env, defer(reset));
          const block = arena.allocUnsafe(size);
          block[0] = k;
          sum += block[0];
        } catch (error) {
          env.error = /** @type {any} */ (error);
          env.hasError = true;
        } finally {
          end(env);
        }
      }
      return sum;
    };
  })(defer, arena);
