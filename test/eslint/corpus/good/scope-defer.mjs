// good
import { allocate, free, scoped } from 'freehold';

function run(text) {
  return scoped((scope) => {
    const block = allocate(64);
    scope.defer(() => free(block));
    if (text === '') return 0;
    block.write(text);
    return block[0];
  });
}

run('');
run('x');
