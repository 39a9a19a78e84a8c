// The worker of worker-soak.mjs: goes into one phase with live blocks of every kind, says so, and ends there in the way that
// it was told, or goes on until it is terminated. `shared[0]` says at every moment what it is about.
import { parentPort, workerData } from 'node:worker_threads';

export const LOADING = 0;
export const BETWEEN = 1;
export const INSIDE = 2;

const { phase, end, seed, shared, freehold } = workerData ?? {};

/** Blocks that stay until the end of the worker. */
const kept = [];

/** The phases: a function that is called again and again, each time a moment of the phase. */
const PHASES = {
  // What a worker costs that has nothing to do with freehold.
  nothing: () => () => new Uint8Array(1000),

  arenas({ Arena }) {
    const arenas = [
      new Arena({ initialBytes: 4096 }),
      new Arena({ reset: 'orphan' }),
      new Arena({ reset: 'reuse' }),
    ];
    return () => {
      const arena = arenas[random(3)];
      for (let count = random(50); count > 0; count--) arena.alloc(random(3000));
      kept[random(8)] = arena.alloc(random(100_000));
      if (random(4) === 0) return arena.reset();
      const mark = arena.mark();
      arena.alloc(random(5000));
      arena.rewind(mark);
    };
  },

  pools({ Pool }) {
    const pool = new Pool({ blockBytes: 256, slabBytes: 4096 });
    return () => {
      for (let count = random(50); count > 0; count--) kept.push(pool.alloc());
      while (kept.length > 200) pool.free(kept.pop());
      if (random(4) === 0) pool.trim();
    };
  },

  heaps({ Heap, pageAllocator }) {
    const allocators = [new Heap(), pageAllocator({ guard: 'rear' })];
    return () => {
      const [heap, pages] = allocators;
      for (let count = random(30); count > 0; count--) kept.push(heap.alloc(random(3000)));
      kept.push(heap.alloc(random(200_000), { isolate: random(2) === 0 }), pages.alloc(random(9000)));
      while (kept.length > 100) {
        const block = kept.splice(random(kept.length), 1)[0];
        block.allocator.free(block);
      }
    };
  },

  'rc heaps'({ RcHeap }) {
    const heap = new RcHeap({ maxPauseMs: 0 });
    const nodes = [];
    return () => {
      for (let count = random(50); count > 0; count--) nodes.push(heap.allocHandle(random(500) + 1, 2));
      for (const node of nodes) heap.setRef(node, random(2), nodes[random(nodes.length)]);
      kept[random(8)] = heap.alloc(random(60_000), { refs: 1, onDispose: () => undefined });
      while (nodes.length > 200) heap.release(nodes.splice(random(nodes.length), 1)[0]);
      if (random(4) === 0) heap.trim();
    };
  },

  // A circle of thousands of blocks that one handle holds, and that lose references to it again and again: each collection
  // has to look at all of it, and now and then all of it dies.
  collecting({ RcHeap }) {
    const heap = new RcHeap({ automatic: random(4) === 0 });
    let holder = -1;
    let nodes;
    const build = () => {
      nodes = Array.from({ length: 3000 }, () => heap.allocHandle(32, 2));
      for (let index = 0; index < nodes.length; index++) {
        heap.setRef(nodes[index], 0, nodes[(index + 1) % nodes.length]);
        heap.setRef(nodes[index], 1, nodes[random(nodes.length)]);
      }
      holder = heap.allocHandle(64, 2);
      heap.setRef(holder, 0, nodes[0]);
      heap.setRef(holder, 1, nodes[0]);
      for (const node of nodes) heap.release(node);
    };
    return () => {
      if (holder === -1) build();
      kept[random(4)] = heap.alloc(1000);
      heap.setRef(holder, 0, nodes[random(nodes.length)]);
      heap.setRef(holder, 0, nodes[random(nodes.length)]);
      if (random(50) === 0) {
        heap.release(holder);
        holder = -1;
      }
      inside();
      heap.collect(random(2) === 0 ? { maxPauseMs: 0 } : undefined);
    };
  },

  // Allocators and views of every kind are dropped, and the collector runs: finalizers are pending at any moment.
  finalising({ Arena, Heap, Pool, RcHeap, pageAllocator }) {
    const makers = [
      () => new Arena({ initialBytes: 4096 }),
      () => new Pool({ blockBytes: 256 }),
      () => new Heap(),
      () => new RcHeap(),
      () => pageAllocator({ guard: 'front' }),
    ];
    return () => {
      for (let count = 0; count < 20; count++) {
        const block = makers[random(makers.length)]().alloc(random(256) + 1);
        if (random(5) === 0) kept[random(8)] = block;
      }
      inside();
      globalThis.gc();
    };
  },

  // Blocks that a registry of the whole process knows.
  guarded({ GuardedBlocks }) {
    const tables = [
      new GuardedBlocks({ quarantineBytes: 65_536 }),
      new GuardedBlocks({ slots: 16, quarantineBytes: 0 }),
    ];
    return () => {
      const table = tables[random(2)];
      if (!table.full) {
        const block = table.take(random(3000) + 1, 16, random(2) === 0, 0, 'soak');
        if (block !== null && block !== undefined) kept.push([table, block]);
      }
      while (kept.length > 20) {
        const [owner, block] = kept.splice(random(kept.length), 1)[0];
        owner.end(block, 0);
      }
      if (random(50) === 0) tables[1] = new GuardedBlocks({ slots: 16, quarantineBytes: 0 });
    };
  },
};

export const PHASE_NAMES = Object.keys(PHASES).filter((name) => name !== 'nothing');

let state = seed;
function random(below) {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

/** From here to the end of the moment the worker is inside of what the phase is about. */
function inside() {
  Atomics.store(shared, 0, INSIDE);
}

async function work() {
  const allocating = !['nothing', 'collecting', 'finalising'].includes(phase);
  const moment = PHASES[phase](phase === 'nothing' ? {} : await import(freehold));
  const run = () => {
    if (allocating) inside();
    moment();
    Atomics.store(shared, 0, BETWEEN);
  };
  for (let count = 1 + random(3); count > 0; count--) run();
  if (end === 'finish') return;
  if (end === 'throw') throw new Error('on purpose');
  if (end === 'exit') {
    moment();
    process.exit(3);
  }
  parentPort.postMessage('ready');
  // Finalizers wait for turns of the event loop; the others never come to one.
  if (phase === 'finalising' && random(2) === 0)
    setImmediate(function again() {
      run();
      setImmediate(again);
    });
  else for (;;) run();
}

if (shared !== undefined) await work();
