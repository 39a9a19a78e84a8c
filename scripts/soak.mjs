// npm run soak [-- --minutes 10 --clients 24 --seed N]: a cluster of two arena servers, of which one is replaced every five seconds,
// under load with clients that leave at random, read slowly, or send what is no request.
//
// With --break the servers reset an arena when its handler has returned: that must be found.
//
// Every byte of every response is checked against what only this request could have asked for. Once per second the
// server says what memory it holds; the slopes are taken by least squares over the second half. Exit code 1 when any
// byte was wrong, when the server failed, or when memory is not flat. A run of less than three minutes warms up for the
// better part of it: memory is shown then, and not judged.
import { parseArgs } from 'node:util';
import { ensureBuiltOrExit } from './lib/setup.mjs';
import { at } from './lib/paths.mjs';
import { slope } from './lib/statistics.mjs';
import { startServer } from './lib/server-process.mjs';
import { SoakClient } from './lib/soak-client.mjs';
import { table } from './lib/table.mjs';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    clients: { type: 'string', default: '24' },
    break: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const minutes = Number(values.minutes);
const clients = Number(values.clients);
const seed = Number(values.seed);
if (!(minutes > 0) || !Number.isInteger(clients) || clients < 1 || !Number.isInteger(seed)) {
  console.error('--minutes must be positive, --clients a positive whole number, --seed a whole number');
  process.exit(1);
}

const MiB = 2 ** 20;
const JUDGED_FROM_MINUTES = 3;
/**
 * What is watched: its unit, and the slope per minute that still counts as flat. Garbage waits for the collector, so
 * that curves are saw-teeth: a slope within two standard errors of zero is flat as well.
 */
const WATCHED = [
  ['RSS', 'rss', MiB, 'MiB', 1],
  ['mappings', 'mappings', 1, '', 5],
  ['external memory', 'external', MiB, 'MiB', 1],
  ['mapped by freehold', 'mapped', MiB, 'MiB', 1],
  ['orphaned', 'orphaned', MiB, 'MiB', 1],
  ['arenas', 'arenas', 1, '', 1],
];

await ensureBuiltOrExit();
const server = await startServer(at('scripts/lib/soak-server.mjs'), { SOAK_BREAK: values.break ? '1' : '0' });
const totals = { bytes: 0, wrong: [], ends: {}, socketErrors: {} };
const crowd = Array.from({ length: clients }, (_, i) => new SoakClient(server.hello.port, i, seed, totals));
const running = crowd.map((client) => client.run());
console.log(`${clients} clients for ${minutes} min, seed ${seed}`);

const samples = [];
const begin = performance.now();
const secondsSoFar = () => (performance.now() - begin) / 1000;
// A break that was looked for and found is enough.
while (secondsSoFar() < minutes * 60 && !(values.break && totals.wrong.length > 0)) {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  samples.push({ second: secondsSoFar(), ...(await server.ask()) });
  if (samples.length % 30 === 0) progress(samples.at(-1));
}
for (const client of crowd) client.stop();
// An exchange that does not end is a fault like a wrong byte.
const open = new Set(crowd);
for (const [index, each] of running.entries()) void each.then(() => open.delete(crowd[index]));
const patience = new Promise((resolve) => setTimeout(resolve, 30_000));
await Promise.race([Promise.all(running), patience]);
for (const { waiting } of open) totals.wrong.push(`an exchange had not ended after 30 s: ${waiting}`);
const last = await server.ask();
await server.stop();
process.exit(report() ? 0 : 1);

function progress({ second, rss, mappings, external, mapped }) {
  const exchanges = Object.values(totals.ends).reduce((sum, n) => sum + n, 0);
  console.error(
    `  ${second.toFixed(0)} s: ${exchanges} exchanges, RSS ${(rss / MiB).toFixed(1)} MiB, ${mappings} mappings, ` +
      `external ${(external / MiB).toFixed(1)} MiB, mapped ${(mapped / MiB).toFixed(1)} MiB, ${totals.wrong.length} wrong`,
  );
}

/** Prints slopes and verdict; whether all is well. */
function report() {
  const half = samples.filter(({ second }) => second >= secondsSoFar() / 2);
  const rows = WATCHED.map(([name, key, per, unit, allowed]) => {
    const { perX, error, mean } = slope(half.map((sample) => [sample.second / 60, sample[key] / per]));
    const flat = perX <= allowed || perX <= 2 * error;
    const digits = per === 1 ? 1 : 2;
    const cells = [mean, perX, error].map((n) => `${n.toFixed(digits)} ${unit}`.trim());
    return { flat, cells: [name, ...cells, flat ? 'flat' : 'GROWS'] };
  });
  const head = ['second half', 'mean', 'slope per minute', 'standard error', ''];
  console.log(
    `\n${table(
      head,
      rows.map(({ cells }) => cells),
    )}\n`,
  );
  for (const [end, n] of Object.entries(totals.ends).sort()) console.log(`${String(n).padStart(9)}  ${end}`);
  console.log(`${(totals.bytes / MiB).toFixed(0).padStart(9)}  MiB of responses checked`);
  for (const wrong of totals.wrong.slice(0, 20)) console.log(`wrong: ${wrong}`);
  const judged = minutes >= JUDGED_FROM_MINUTES;
  const flat = rows.every((row) => row.flat);
  const complete = totals.ends.complete ?? 0;
  const well = (flat || !judged) && totals.wrong.length === 0 && last.errors === 0 && complete > 0;
  console.log(
    `\n${well ? 'passed' : 'FAILED'}: ${judged ? `memory is ${flat ? 'flat' : 'not flat'}` : 'memory is not judged'}, ${totals.wrong.length} wrong responses, ${last.errors} errors of the servers, ${last.restarts} restarts, ${complete} exchanges completed (seed ${seed})`,
  );
  return well;
}
