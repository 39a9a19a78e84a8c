// Strategies chosen by decorators, and arenas by name: a document that lives until it is closed, and methods that say
// themselves how their memory ends. TypeScript compiles the decorators: see README.md.
import assert from 'node:assert/strict';

import {
  type Block,
  arenaMemory,
  arenaNames,
  autoMemory,
  createArena,
  currentAllocator,
  currentStrategy,
  defaultHeap,
  defaultRcHeap,
  destroyArena,
  free,
  getArena,
  hasArena,
  manualMemory,
  memoryStats,
  resetArena,
} from 'freehold';

/** Scratch memory of whoever calls: it takes what the strategy of its caller gives. */
function shout(text: string): Block {
  return currentAllocator().string(text.toUpperCase());
}

class Document {
  readonly #arena: string;
  readonly #lines: Block[] = [];

  /** Its lines are in an arena that any part of the program finds by the name of the document. */
  constructor(name: string) {
    this.#arena = `document ${name}`;
    createArena(this.#arena, { limitBytes: 64 * 1024 });
  }

  add(line: string): this {
    this.#lines.push(getArena(this.#arena).string(line));
    return this;
  }

  /** Scratch of an arena that ends with the call; a string, which is returned, is no memory of ours. */
  @arenaMemory
  title(width: number): string {
    assert.equal(currentStrategy(), 'arena');
    const text = shout(this.#lines[0].toString());
    const line = currentAllocator().alloc(width).fill('=');
    text.copy(line, (width - text.length) >> 1);
    return line.toString();
  }

  /** Blocks that live until they are freed: here one for the caller, by `free`. */
  @manualMemory
  export(): Block {
    const total = this.#lines.reduce((sum, line) => sum + line.length + 1, 0);
    const out = currentAllocator().alloc(total).fill('\n');
    let end = 0;
    for (const line of this.#lines) end += line.copy(out, end) + 1;
    return out;
  }

  /** Counted blocks: what is not returned is released at the end, also after the `await`. */
  @autoMemory
  async digest(): Promise<Block> {
    const scratch = Buffer.concat(this.#lines.map((line) => shout(line.toString())));
    await Promise.resolve(); // any work that takes its time: the strategy is still there
    assert.equal(currentStrategy(), 'automatic');
    const sum = currentAllocator().alloc(4);
    sum.writeUInt32BE(scratch.reduce((hash, byte) => (Math.imul(hash, 31) + byte) >>> 0, 0));
    return sum;
  }

  /** All lines end at once; the arena stays for new ones. */
  clear(): void {
    this.#lines.length = 0;
    resetArena(this.#arena);
  }

  close(): void {
    destroyArena(this.#arena);
  }
}

const poem = new Document('poem').add('tyger').add('burning bright');
new Document('list').add('milk');
console.log('arenas:', arenaNames().join(', '));

console.log(poem.title(21));

const file = poem.export();
console.log(JSON.stringify(file.toString()), 'on the heap:', defaultHeap().stats().blocks, 'block');
free(file);

{
  using digest = await poem.digest(); // released at the end of these braces
  console.log('digest', digest.toString('hex'), '- counted:', defaultRcHeap().stats().blocks, 'block');
}
assert.equal(defaultRcHeap().stats().blocks, 0);

poem.clear();
assert.equal(getArena('document poem').used, 0);
poem.close();
assert(!hasArena('document poem'));
for (const name of arenaNames()) destroyArena(name); // whatever was left open
console.log(String(memoryStats()));

/* Prints:
arenas: document poem, document list
========TYGER========
"tyger\nburning bright\n" on the heap: 1 block
digest bee53c76 - counted: 1 block
memory: 0 B in use of … held, at most … mapped; strategy automatic
           allocators  blocks  in use    held
automatic           1       0     0 B       …
manual              1       0     0 B       …
arenas              1             0 B       …
pools               0       0     0 B       …
…
*/
