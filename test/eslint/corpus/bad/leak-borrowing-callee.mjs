// bad: no-leak 11
import { allocate } from 'freehold';

function sum(block) {
  let all = 0;
  for (let i = 0; i < block.length; i++) all += block[i];
  return all;
}

function run() {
  const block = allocate(8);
  return sum(block);
}

run();
