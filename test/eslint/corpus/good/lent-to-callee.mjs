// good
import { allocate, free } from 'freehold';

function sum(block) {
  let all = 0;
  for (const byte of block) all += byte;
  return all;
}

function run() {
  const block = allocate(8);
  block.fill(1);
  const all = sum(block) + sum(block);
  free(block);
  return all;
}

run();
