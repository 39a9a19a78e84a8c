// npm start: the example server on Buffer against the same server on arenas, under load, in about a minute.
//
//   npm start                       build what is missing, measure, print one table
//   npm start -- --json FILE        the same, and the figures as JSON
//   npm start -- --serve            only start the arena server, and keep it up
import { parseArgs } from 'node:util';
import { ensureBuiltOrExit } from './lib/setup.mjs';

const { values: options } = parseArgs({
  options: { serve: { type: 'boolean', default: false }, json: { type: 'string' } },
});

await ensureBuiltOrExit();
// Only now: these import what the step above may have had to install.
if (options.serve) {
  const { serve } = await import('./lib/serve.mjs');
  await serve();
} else {
  const { compare } = await import('./lib/compare.mjs');
  await compare(options.json);
}
