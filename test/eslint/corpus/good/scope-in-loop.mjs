// good
import { allocate, free, scoped } from 'freehold';

function run(texts) {
  scoped((scope) => {
    for (const text of texts) {
      const line = allocate(16);
      scope.defer(() => free(line));
      line.write(text);
    }
  });
}

run(['a', 'b']);
