// bad: require-ownership 9
import { allocate } from 'freehold';

function page() {
  return allocate(4096);
}

function run() {
  page();
}

run();
