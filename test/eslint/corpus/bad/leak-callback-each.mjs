// bad: no-leak 6
import { allocate } from 'freehold';

function run(names) {
  names.forEach((name) => {
    const line = allocate(16);
    line.write(name);
  });
}

run(['a', 'b']);
