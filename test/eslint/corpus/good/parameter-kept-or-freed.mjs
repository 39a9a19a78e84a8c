// good
import { allocate, free } from 'freehold';

const kept = [];

function settle(block, keep) {
  if (keep) kept.push(block);
  else free(block);
}

function run(keep) {
  const block = allocate(8);
  block.fill(1);
  settle(block, keep);
}

run(true);
run(false);
kept.forEach((block) => free(block));
