// npm run build: the addon and dist/, as far as they are missing or old. With --clean, both from nothing.
import { rmSync } from 'node:fs';
import { at } from './lib/paths.mjs';
import { ensureBuiltOrExit } from './lib/setup.mjs';

if (process.argv.includes('--clean')) {
  for (const product of ['build', 'dist']) rmSync(at(product), { recursive: true, force: true });
}
await ensureBuiltOrExit();
