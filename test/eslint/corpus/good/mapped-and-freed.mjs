// good
import { allocate, free } from 'freehold';

function run(names) {
  const lines = names.map((name) => {
    const line = allocate(16);
    line.write(name);
    return line;
  });
  lines.forEach((line) => free(line));
}

run(['a', 'b']);
