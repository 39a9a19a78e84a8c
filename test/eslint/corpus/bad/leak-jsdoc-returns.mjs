// bad: no-leak 12
import { allocate } from 'freehold';

/**
 * The caller frees it.
 *
 * @returnsOwnership
 */
const make = (how) => how();

function run() {
  const block = make(() => allocate(8));
  return block.length;
}

run();
