// @ts-check
// A game loop: what a frame needs is taken from an arena that begins anew with each frame, what lives longer from a pool.
import assert from 'node:assert/strict';

import { Arena, Pool, memoryStats } from 'freehold';

// In mode 'reuse' the memory of a frame is simply that of the next. The price is a promise: nothing that a frame has
// allocated is used after it.
const frameMemory = new Arena({ name: 'frame', reset: 'reuse', initialBytes: 256 * 1024 });

// Entities come and go in any order: blocks of one size, each freed on its own.
const entities = new Pool({ name: 'entities', blockBytes: 20, maxBlocks: 2000 });
const [X, Y, VX, VY, TTL] = [0, 1, 2, 3, 4];

/** @type {Float32Array[]} */
const living = [];
const figures = { spawned: 0, died: 0, refused: 0, mostAlive: 0, drawn: 0 };

let seed = 1;
/** Numbers from 0 to 1 that are the same in each run. */
function random() {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
}

function spawn() {
  // The pool is the limit of the game: what does not fit is not there.
  if (entities.blocks === 2000) return void figures.refused++;
  const entity = entities.array(Float32Array, 5);
  entity.set([random() * 320, random() * 240, random() * 60 - 30, random() * 60 - 30, 0.5 + random() * 2]);
  living.push(entity);
  figures.spawned++;
}

/** @param {number} seconds */
function move(seconds) {
  for (let index = living.length - 1; index >= 0; index--) {
    const entity = living[index];
    entity[X] += entity[VX] * seconds;
    entity[Y] += entity[VY] * seconds;
    entity[TTL] -= seconds;
    if (entity[TTL] > 0) continue;
    living[index] = living[living.length - 1];
    living.pop();
    entities.free(entity);
    figures.died++;
  }
}

/** Which entities are on the screen, from left to right. Valid until the frame ends. */
function visible() {
  const found = frameMemory.array(Uint32Array, 2000);
  let count = 0;
  living.forEach((entity, index) => {
    if (entity[X] >= 0 && entity[X] < 320 && entity[Y] >= 0 && entity[Y] < 240) found[count++] = index;
  });
  return found.subarray(0, count).sort((a, b) => living[a][X] - living[b][X]);
}

/** @param {Uint32Array} order */
function draw(order) {
  const vertices = frameMemory.array(Float32Array, 2 * 2000); // what a GPU would get
  order.forEach((index, place) => {
    vertices[2 * place] = living[index][X] / 160 - 1;
    vertices[2 * place + 1] = living[index][Y] / 120 - 1;
  });
  figures.drawn += order.length;
}

/** @param {number} number */
function frame(number) {
  for (let count = 0; count < 20; count++) spawn();
  if (number % 200 === 0) for (let count = 0; count < 1500; count++) spawn(); // an explosion
  move(1 / 60);
  draw(visible());
  figures.mostAlive = Math.max(figures.mostAlive, living.length);
  frameMemory.reset();
}

for (let number = 1; number <= 300; number++) frame(number);
const warm = memoryStats().chunks.mapped;
for (let number = 301; number <= 600; number++) frame(number);

console.log('600 frames:', JSON.stringify(figures));
console.log('the most that a frame took:', frameMemory.stats().bytesPeak, 'bytes');
console.log('chunks mapped since frame 300:', memoryStats().chunks.mapped - warm);
assert.equal(entities.blocks, figures.spawned - figures.died);

// The level is over. Entities that are left need not be freed one by one: they end with their pool.
console.log(`${entities.blocks} entities left`);
entities.dispose();
frameMemory.dispose({ mode: 'detach' }); // as elsewhere: views die, and the memory is given back at once
assert(living.every((entity) => entity.length === 0));
console.log(String(memoryStats()));

/* Prints:
600 frames: {"spawned":12546,"died":10571,"refused":3954,"mostAlive":1988,"drawn":919434}
the most that a frame took: 24000 bytes
chunks mapped since frame 300: 0
1975 entities left
memory: 0 B in use of … held, at most … mapped; strategy automatic
           allocators  blocks  in use  held
automatic           0       0     0 B     …
manual              0       0     0 B     …
arenas              0             0 B     …
pools               0       0     0 B     …
…
*/
