// good
import { randomFill } from 'node:crypto';

import { Arena } from 'freehold';

const arena = new Arena();

async function run(): Promise<void> {
  const block = arena.alloc(64);
  const pin = block.pin();
  await new Promise<void>((resolve, reject) => {
    randomFill(block, (error) => {
      pin.release();
      if (error) reject(error);
      else resolve();
    });
  });
  arena.reset();
}

await run();
