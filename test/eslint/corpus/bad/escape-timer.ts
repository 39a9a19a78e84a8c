// bad: no-arena-escape 11
import { once } from 'node:events';

import { Arena } from 'freehold';

const seen: unknown[] = [];

function later(): void {
  using arena = new Arena();
  const block = arena.alloc(8);
  setImmediate(() => {
    try {
      block.write('late');
    } catch (error) {
      seen.push(error);
    }
  });
}

later();
await new Promise((resolve) => setImmediate(resolve));
void once;
if (seen.length > 0) throw seen[0] as Error;
