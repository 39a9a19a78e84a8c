// good
import { allocate, free } from 'freehold';

async function page() {
  const made = allocate(64);
  await null;
  return made;
}

async function run() {
  const mine = await page();
  mine.fill(1);
  free(mine);
}

await run();
