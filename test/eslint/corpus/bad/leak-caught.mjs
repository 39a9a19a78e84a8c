// bad: no-leak 10
import { allocate, free } from 'freehold';

function risky(flag) {
  if (flag) throw new Error('no');
}

function run(flag) {
  try {
    const block = allocate(8);
    risky(flag);
    free(block);
  } catch (error) {
    console.log(error.message);
  }
}

run(true);
