// good
import { allocate, free } from 'freehold';

const queue = [];

/** @takesOwnership block */
function post(block) {
  queue.push(block);
}

function run() {
  const block = allocate(8);
  block.fill(1);
  post(block);
}

run();
queue.forEach((block) => free(block));
