// npm test: builds what is missing, then runs vitest. Arguments are passed on: npm test -- arena -t "reset"
import { at } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { ensureBuiltOrExit } from './lib/setup.mjs';

await ensureBuiltOrExit();
const vitest = at('node_modules/vitest/vitest.mjs');
process.exitCode = await run(process.execPath, [vitest, 'run', ...process.argv.slice(2)]);
