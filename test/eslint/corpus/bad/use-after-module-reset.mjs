// bad: no-use-after-free 13
import { Arena } from 'freehold';

const frame = new Arena();

function nextFrame() {
  frame.reset();
}

function run() {
  const block = frame.alloc(8);
  nextFrame();
  block.fill(1);
}

run();
