// @ts-check
// The hot operations of structs for bench/hot-path-check.mjs, over layouts that have the same names of fields.
import { Heap, Pool, arrayOf, create, destroy, f64, i32, i64, struct, u8 } from 'freehold';

/** @param {number} calls @returns {(() => void)[]} */
export function structLoops(calls) {
  const layouts = [
    struct({ x: f64, n: i32, tag: u8, big: i64 }),
    struct({ tag: u8, big: i64, n: i32, x: f64 }),
    struct({ tag: u8, n: i32, x: f64, big: i64 }, { packed: true }),
  ];
  const heap = new Heap();
  const pool = new Pool({ blockBytes: 64 });
  const numbers = create(heap, struct({ list: arrayOf(f64, 64) })).list;

  /** @param {(k: number) => unknown} operation */
  const repeated = (operation) => () => {
    for (let k = 0; k < calls; k++) operation(k);
  };
  return [
    ...layouts.flatMap((layout) => {
      const p = create(heap, layout);
      const list = layout.array(heap, 256);
      return [
        repeated((k) => (p.x += k)),
        repeated((k) => (p.n = k ^ p.n)),
        repeated((k) => (p.tag = (p.tag + k) & 255)),
        repeated((k) => (p.big = BigInt(k) ^ p.big)),
        repeated((k) => (list.at(k & 255).n = k)),
        repeated((k) => (list.get(k & 255).x = k)),
      ];
    }),
    repeated((k) => destroy(create(pool, layouts[k % 3]))),
    repeated((k) => destroy(create(pool, layouts[0], { x: k, n: k }))),
    repeated((k) => numbers.set(k & 63, numbers.get((k + 1) & 63) + 1)),
  ];
}
