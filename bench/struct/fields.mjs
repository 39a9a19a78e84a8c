// @ts-check
// What does it cost to read and write a field, against typed arrays by hand?
import { Heap, addressOf, destroy, f64, i32, i64, struct, u8 } from 'freehold';
import { claim, OURS, report } from '../lib/question.mjs';
import { interleave, nanoseconds } from '../lib/rounds.mjs';
import { separate } from '../lib/separate.mjs';
import * as structs from '../lib/structs.mjs';

/** @typedef {import('../lib/question.mjs').Row} Row */

const STRUCTS = 1000;
const OFFSET = 8;
const STRIDE = 24;
const heap = new Heap();

const KINDS = /** @type {const} */ ([
  { kind: 'f64', type: f64, array: Float64Array, c: 'double', values: [1.5, -2.25, 3.125, 4.5] },
  { kind: 'i32', type: i32, array: Int32Array, c: 'int32_t', values: [1, -2, 3, 2 ** 30] },
  { kind: 'u8', type: u8, array: Uint8Array, c: 'uint8_t', values: [1, 2, 3, 255] },
  { kind: 'i64', type: i64, array: BigInt64Array, c: 'int64_t', values: [1n, -2n, 3n, 2n ** 62n] },
]);

class Plain {
  /** @param {number | bigint} value */
  constructor(value) {
    this.before = 0;
    this.value = value;
    this.after = 0;
  }
}

/** @param {structs.Loop} loop */
const timed = (loop) => () => ({ field: nanoseconds(loop, STRUCTS) });

/** @param {string} title @param {Record<string, structs.Loop>} loops @returns {Promise<Row>} */
async function row(title, loops) {
  const columns = Object.fromEntries(Object.entries(loops).map(([peer, loop]) => [peer, timed(loop)]));
  const { field } = await interleave(columns, { rounds: 11, warmup: 4 });
  return { title, unit: 'ns', cells: field };
}

// A program has more layouts than one: those of here, and these.
for (let other = 0; other < 6; other++) {
  const layout = struct({ before: f64, value: other % 2 === 0 ? f64 : i32, after: u8 });
  const list = layout.array(heap, STRUCTS);
  structs.reads([...list], 1)();
  structs.writes([...list], [1, 2, 3, 4])();
  destroy(list);
}

const rows = [];
for (const { kind, type, array, c, values } of KINDS) {
  const list = struct({ before: f64, value: type, after: f64 }).array(heap, STRUCTS);
  const ours = Array.from({ length: STRUCTS }, (_, k) => /** @type {structs.Holder} */ (list.get(k)));
  const memory = new ArrayBuffer(STRUCTS * STRIDE);
  const arrays = ours.map((_, k) => new array(memory, k * STRIDE, STRIDE / array.BYTES_PER_ELEMENT));
  const views = ours.map((_, k) => new DataView(memory, k * STRIDE, STRIDE));
  const objects = ours.map((_, k) => new Plain(values[k & 3]));
  const addresses = ours.map((_, k) => addressOf(list) + BigInt(k * STRIDE + OFFSET));
  const index = OFFSET / array.BYTES_PER_ELEMENT;
  const wanted = values[1];
  rows.push(
    await row(`${kind}, read in each of ${STRUCTS.toLocaleString('en-US')} structs`, {
      [OURS]: structs.reads(ours, wanted),
      'typed array for each': structs.arrayReads(arrays, index, wanted),
      'DataView for each': separate(structs.viewReads[kind])(views, OFFSET, wanted),
      'JS object': structs.reads(objects, wanted),
      koffi: structs.koffiReads(addresses, c, wanted),
    }),
    await row(`${kind}, written`, {
      [OURS]: structs.writes(ours, values),
      'typed array for each': structs.arrayWrites(arrays, index, values),
      'DataView for each': separate(structs.viewWrites[kind])(views, OFFSET, /** @type {never} */ (values)),
      'JS object': structs.writes(objects, values),
      koffi: structs.koffiWrites(addresses, c, values),
    }),
  );
  if (kind !== 'f64') continue;
  const cursor = /** @type {{ length: number, at(index: number): structs.Holder }} */ (list);
  rows.push(
    await row(`${kind}, read by the cursor of the array`, {
      [OURS]: structs.cursorReads(cursor, wanted),
      'one typed array': structs.strideReads(
        new array(memory),
        STRIDE / array.BYTES_PER_ELEMENT,
        index,
        wanted,
      ),
    }),
  );
}

report({
  question: 'fields of structs',
  rows,
  claims: rows
    .filter((each) => 'typed array for each' in each.cells && each.title !== 'i64, written')
    .map(({ title, cells }) =>
      claim(
        `${title}: times what a typed array takes`,
        cells[OURS].median / cells['typed array for each'].median,
        'at most',
        1.3,
      ),
    ),
  doesNotShow: [
    'programs that never detach a buffer: V8 then leaves out a check of every access, of typed arrays more than of others',
    'what a typed array lets pass: values are checked here when they are written, those of 64 bits at most cost, for there V8 compares bigints as bigints: no claim is made of them',
    'koffi as it is meant (decode and encode here): it decodes whole structs, and calls functions of C',
  ],
});
