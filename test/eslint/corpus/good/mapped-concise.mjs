// good
import { allocate, free } from 'freehold';

function run(sizes) {
  const blocks = sizes.map((size) => allocate(size));
  blocks.forEach(free);
}

run([8, 16]);
