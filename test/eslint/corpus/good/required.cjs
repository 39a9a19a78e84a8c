// good
const { allocate, free } = require('freehold');

function run() {
  const block = allocate(8);
  block.fill(1);
  free(block);
}

run();
