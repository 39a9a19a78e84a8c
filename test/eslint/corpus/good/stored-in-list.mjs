// good
import { allocate, free } from 'freehold';

function run(names) {
  const lines = [];
  for (const name of names) {
    const line = allocate(16);
    line.write(name);
    lines.push(line);
  }
  for (const line of lines) free(line);
}

run(['a', 'b']);
