// bad: no-use-after-free 19
import { allocate, free } from 'freehold';

const sinks = [];

/**
 * Sends a block and frees it.
 *
 * @takesOwnership block
 */
function send(block) {
  sinks.forEach((sink) => sink(block));
  free(block);
}

function run() {
  const block = allocate(8);
  send(block);
  block.write('again');
}

run();
