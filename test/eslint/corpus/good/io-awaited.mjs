// good
import { open } from 'node:fs/promises';

import { Arena } from 'freehold';

async function run() {
  const arena = new Arena();
  const file = await open(process.execPath);
  try {
    const block = arena.allocUnsafe(64);
    const { bytesRead } = await file.read(block, 0, 64, 0);
    return bytesRead;
  } finally {
    await file.close();
    arena.dispose();
  }
}

await run();
