// bad: require-ownership 9
import { allocate } from 'freehold';

async function page() {
  return allocate(64);
}

async function run() {
  await page();
}

await run();
