// good
import { allocate, free } from 'freehold';

function run(rounds) {
  let front = allocate(8);
  let back = allocate(8);
  for (let i = 0; i < rounds; i++) {
    back.fill(i);
    [front, back] = [back, front];
  }
  free(front);
  free(back);
}

run(3);
