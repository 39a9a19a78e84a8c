// bad: no-leak 5
import { allocate } from 'freehold';

function run() {
  const block = allocate(8);
  try {
    block.fill(1);
  } finally {
    console.log('done');
  }
}

run();
