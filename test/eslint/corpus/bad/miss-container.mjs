// bad: no-leak 8
// limit: containers
import { allocate } from 'freehold';

function run(names) {
  const lines = [];
  for (const name of names) {
    const line = allocate(16);
    line.write(name);
    lines.push(line);
  }
  return lines.length;
}

run(['a', 'b']);
