// bad: require-ownership 5
import { allocate } from 'freehold';

function run() {
  allocate(64).write('lost');
}

run();
