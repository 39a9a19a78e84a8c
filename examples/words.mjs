// @ts-check
// Strings and lists in memory of their own: words counted by their names, lists in lists, and a ring that is collected.
import assert from 'node:assert/strict';

import { Interner, List, RcHeap, RcString, StringBuilder, Value, memoryStats } from 'freehold';

const allocator = new RcHeap({ name: 'words' });

const text = RcString.from(
  'the cat and the dog and the bird saw the other cat and the cat saw nothing but the dog',
  { allocator },
);

/**
 * How often each word comes, the most frequent first: a list of lists `[word, count]`, which the caller owns.
 *
 * @param {RcString} of
 */
function count(of) {
  // Equal texts are one block, whose handle is a small integer: words are compared and looked up by number.
  const names = new Interner({ allocator });
  /** @type {Map<number, { word: RcString, times: number }>} */
  const counts = new Map();
  for (let from = 0, to; from < of.length; from = to + 1) {
    to = of.bytes.indexOf(0x20, from);
    if (to < 0) to = of.length;
    const part = of.slice(from, to); // no copy: the same bytes
    const word = names.intern(part);
    part.release();
    const known = counts.get(word.handle);
    if (known === undefined) counts.set(word.handle, { word, times: 1 });
    else {
      known.times++;
      word.release(); // `counts` holds it already
    }
  }
  const rows = [...counts.values()].sort((a, b) => b.times - a.times || a.word.compare(b.word));
  const table = List.create({ allocator, capacity: rows.length });
  for (const { word, times } of rows) {
    const row = List.from([word, times], { allocator });
    table.push(row);
    row.release(); // the table has it
    word.release(); // the row has it
  }
  names.dispose();
  return table;
}

const table = count(text);
text.release();

const line = new StringBuilder({ allocator });
for (const row of table) {
  if (!(row instanceof List)) continue;
  const [word, times] = row.toArray();
  line.append(`${word}`).append(' ').append(Number(times)).append(', ');
}
console.log(line.toString().slice(0, -2));
line.dispose();

// In memory each element is a word of 8 bytes that says of itself what it is: what C code would read.
const first = /** @type {List} */ (table.get(0));
console.log(
  `first row: ${first.kind(0)} and ${first.kind(1)}, a count of 6 is 0x${Value.encode(6).toString(16)}`,
);
console.log(`0x${Value.encode(0.5).toString(16)} is`, Value.decode(Value.encode(0.5)));

// What is taken out of a list lives on without it.
const word = /** @type {RcString} */ (first.get(0));
first.release();
table.release();
console.log(`'${word}' is the only block of ${allocator.stats().blocks}`);
word.release();

// Two lists that contain each other: counting alone would keep them for ever.
const friends = List.from(['Ada'], { allocator });
const others = List.from(['Grace', friends], { allocator });
friends.push(others);
friends.release();
others.release();
const before = allocator.stats().blocks;
allocator.collect();
console.log(`a ring of ${before} blocks, ${allocator.stats().blocks} after a collection`);

assert(allocator.check());
assert.equal(allocator.stats().blocks, 0);
allocator.dispose();
console.log(String(memoryStats()));

/* Prints:
the 6, and 3, cat 3, dog 2, saw 2, bird 1, but 1, nothing 1, other 1
first row: string and int32, a count of 6 is 0xfff9000000000006
0x3fe0000000000000 is 0.5
'the' is the only block of 1
a ring of 6 blocks, 0 after a collection
memory: 0 B in use of … held, at most … mapped; strategy automatic
           allocators  blocks  in use  held
automatic           0       0     0 B     …
manual              0       0     0 B     …
arenas              0             0 B     …
pools               0       0     0 B     …
…
*/
