// @ts-check
// Programs that build and drop trees, each for handles of a counted heap and for plain objects of JavaScript. The same
// programs over std::shared_ptr are in bench/native/shared.cc.
//
// binary-trees is the program of the benchmarks game: a tree that is one deeper than all others, one that lasts, and many
// short-lived ones of depth 4, 6, 8 ... GCBench is that of Ellis, Kovac and Boehm: the same shape, but half of the trees are
// built from the root down, and an array of 4 MB lasts too.
import { separate } from './separate.mjs';

/**
 * @typedef {import('freehold').RcHeap} RcHeap
 *
 * @typedef {object} Trees
 * @property {(depth: number) => number} binaryTrees the sum of its checks, which is the number of nodes
 * @property {(depth: number) => [build: number, check: number, drop: number]} oneTree nanoseconds per node
 * @property {(stretch: number, most: number) => void} gcBench
 */

/** Bytes of a node besides its references. */
const NODE_BYTES = 16;

/** @param {RcHeap} heap @returns {Trees} */
export const ofHandles = (heap) =>
  separate((/** @type {RcHeap} */ heap, /** @type {number} */ bytes) => {
    /** @param {number} depth @returns {number} */
    function bottomUp(depth) {
      const node = heap.allocHandle(bytes, 2);
      if (depth > 0) {
        heap.moveRef(node, 0, bottomUp(depth - 1));
        heap.moveRef(node, 1, bottomUp(depth - 1));
      }
      return node;
    }

    /** @param {number} node @returns {number} */
    function check(node) {
      const left = heap.peekRef(node, 0);
      return left === 0 ? 1 : 1 + check(left) + check(heap.peekRef(node, 1));
    }

    /** @param {number} depth @param {number} node */
    function populate(depth, node) {
      if (depth === 0) return;
      const left = heap.allocHandle(bytes, 2);
      const right = heap.allocHandle(bytes, 2);
      heap.moveRef(node, 0, left);
      heap.moveRef(node, 1, right);
      populate(depth - 1, left);
      populate(depth - 1, right);
    }

    /** @param {number} depth */
    function checked(depth) {
      const tree = bottomUp(depth);
      const nodes = check(tree);
      heap.release(tree);
      return nodes;
    }

    return {
      binaryTrees(depth) {
        let sum = checked(depth + 1);
        const lasting = bottomUp(depth);
        for (let each = 4; each <= depth; each += 2) {
          const iterations = 2 ** (depth - each + 4);
          for (let i = 0; i < iterations; i++) sum += checked(each);
        }
        sum += check(lasting);
        heap.release(lasting);
        return sum;
      },

      oneTree(depth) {
        const nodes = 2 ** (depth + 1) - 1;
        const begin = performance.now();
        const tree = bottomUp(depth);
        const built = performance.now();
        const count = check(tree);
        const done = performance.now();
        heap.release(tree);
        const end = performance.now();
        if (count !== nodes) throw new Error(`${count} nodes instead of ${nodes}`);
        return [
          ((built - begin) * 1e6) / nodes,
          ((done - built) * 1e6) / nodes,
          ((end - done) * 1e6) / nodes,
        ];
      },

      gcBench(stretch, most) {
        heap.release(bottomUp(stretch));
        const lasting = heap.allocHandle(bytes, 2);
        populate(most, lasting);
        const array = heap.array(Float64Array, 500_000);
        for (let i = 0; i < array.length / 2; i++) array[i] = 1 / (i + 1);
        for (let depth = 4; depth <= most; depth += 2) {
          const iterations = Math.floor((2 * (2 ** (stretch + 1) - 1)) / (2 ** (depth + 1) - 1));
          for (let i = 0; i < iterations; i++) {
            const node = heap.allocHandle(bytes, 2);
            populate(depth, node);
            heap.release(node);
          }
          for (let i = 0; i < iterations; i++) heap.release(bottomUp(depth));
        }
        heap.free(array);
        heap.release(lasting);
      },
    };
  })(heap, NODE_BYTES);

/** @typedef {{ left: Node | null, right: Node | null }} Node */

/** @returns {Trees} */
export const ofObjects = () =>
  separate(() => {
    /** @param {number} depth @returns {Node} */
    function bottomUp(depth) {
      return depth > 0
        ? { left: bottomUp(depth - 1), right: bottomUp(depth - 1) }
        : { left: null, right: null };
    }

    /** @param {Node} node @returns {number} */
    function check(node) {
      return node.left === null ? 1 : 1 + check(node.left) + check(/** @type {Node} */ (node.right));
    }

    /** @param {number} depth @param {Node} node */
    function populate(depth, node) {
      if (depth === 0) return;
      node.left = { left: null, right: null };
      node.right = { left: null, right: null };
      populate(depth - 1, node.left);
      populate(depth - 1, node.right);
    }

    return {
      binaryTrees(depth) {
        let sum = check(bottomUp(depth + 1));
        const lasting = bottomUp(depth);
        for (let each = 4; each <= depth; each += 2) {
          const iterations = 2 ** (depth - each + 4);
          for (let i = 0; i < iterations; i++) sum += check(bottomUp(each));
        }
        return sum + check(lasting);
      },

      // What is dropped is the collector's, whenever it runs: a collection of it all stands for that.
      oneTree(depth) {
        const nodes = 2 ** (depth + 1) - 1;
        /** @type {{ tree: Node | null }} */
        const held = { tree: null };
        const begin = performance.now();
        held.tree = bottomUp(depth);
        const built = performance.now();
        const count = check(held.tree);
        const done = performance.now();
        held.tree = null;
        globalThis.gc?.();
        const end = performance.now();
        if (count !== nodes) throw new Error(`${count} nodes instead of ${nodes}`);
        return [
          ((built - begin) * 1e6) / nodes,
          ((done - built) * 1e6) / nodes,
          ((end - done) * 1e6) / nodes,
        ];
      },

      gcBench(stretch, most) {
        check(bottomUp(stretch));
        /** @type {Node} */
        const lasting = { left: null, right: null };
        populate(most, lasting);
        const array = new Float64Array(500_000);
        for (let i = 0; i < array.length / 2; i++) array[i] = 1 / (i + 1);
        for (let depth = 4; depth <= most; depth += 2) {
          const iterations = Math.floor((2 * (2 ** (stretch + 1) - 1)) / (2 ** (depth + 1) - 1));
          for (let i = 0; i < iterations; i++) populate(depth, { left: null, right: null });
          for (let i = 0; i < iterations; i++) bottomUp(depth);
        }
        if (lasting.left === null || array[999] !== 0.001) throw new Error('what lasts is gone');
      },
    };
  })();
