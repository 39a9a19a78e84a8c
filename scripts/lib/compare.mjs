// The comparison behind npm start.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { partition, sampleUpload } from '../../examples/server/partition.mjs';
import { measure, MODES } from './measure.mjs';
import { at } from './paths.mjs';
import { startServer } from './server-process.mjs';
import { count, mib, ms, table, times } from './table.mjs';

const UPLOAD = sampleUpload(128, 32); // 128 records of 32 bytes
const HEAVY = { path: '/transform', method: 'POST', body: UPLOAD };
const UNSAFE = { ...HEAVY, path: '/transform/unsafe' };
const LIGHT = { path: '/light' };
const HEAVY_LOAD = { warmUpSeconds: 2, rounds: 5, seconds: 2.5 };
const OTHER_LOAD = { warmUpSeconds: 1, rounds: 3, seconds: 2 };

const ROWS = [
  ['requests/s', 'requestsPerSecond', count],
  ['latency p50', 'p50', ms],
  ['latency p99', 'p99', ms],
  ['latency p99.9', 'p999', ms],
  ['server CPU per request', 'cpuMicrosPerRequest', (n) => `${n.toFixed(1)} us`],
  ['GCs per 1,000 requests', 'gcPerThousand', (n) => n.toFixed(1)],
  ['GC time per 1,000 requests', 'gcMsPerThousand', ms],
  ['peak RSS', 'rssPeak', mib],
  ['external memory, peak', 'externalPeak', mib],
];

const WHAT_IT_DOES_NOT_SHOW = `What this does not show:
- The heavy endpoint was chosen because it takes many buffers for little work: about 80 of 16 KiB per request, most of
  them hardly filled. A program that works long on each byte, or that can compute sizes first and allocate once, gains
  less. The second table is the same work with buffers that are not zeroed, where Buffer does best. The light endpoint
  takes no buffers and shows what the wrapper costs: where it says 1.0x, that is the result.
- The load generator runs on the same machine and shares its cores, so that it may be what limits requests/s, first of
  all on the light endpoint: "server CPU per request" is the figure that it does not touch.
- Loopback has no packet loss and no slow clients. One process, one kind of body, ${HEAVY_LOAD.rounds * HEAVY_LOAD.seconds} seconds per server.
- Peak RSS includes node itself (40 to 50 MiB). External memory counts the pages that freehold has mapped.`;

const say = (text = '') => console.log(text);

/** Both servers must answer the very same bytes, and the right ones; otherwise there is nothing to compare. */
async function verify() {
  const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');
  const wanted = digest(partition(UPLOAD, Buffer));
  for (const mode of MODES) {
    const server = await startServer(at('examples/server/server.mjs'), { MODE: mode, PORT: '0' });
    try {
      for (const { path } of [HEAVY, UNSAFE, HEAVY, UNSAFE]) {
        const response = await fetch(server.hello.url + path, { method: 'POST', body: UPLOAD });
        const got = digest(Buffer.from(await response.arrayBuffer()));
        if (got !== wanted)
          throw new Error(
            `${path} of the ${mode} server answered other bytes: SHA-256 ${got}, wanted ${wanted}`,
          );
      }
    } finally {
      await server.stop();
    }
  }
  say(`Both servers answer the same bytes (SHA-256 ${wanted.slice(0, 16)}...).`);
}

function show(title, result) {
  say(`\n${title}\n`);
  const rows = ROWS.map(([name, key, unit]) => [
    name,
    unit(result.buffer[key]),
    unit(result.arena[key]),
    times(result.arena[key], result.buffer[key]),
  ]);
  say(table(['', 'Buffer', 'arenas', 'arenas/Buffer'], rows));
}

const progress = (mode, i, { requests, seconds }) =>
  process.stderr.write(`  round ${i + 1}, ${mode.padEnd(6)}: ${count(requests / seconds)} requests/s\n`);

/** Measures one endpoint, with a sign of life per round. */
function part(request, rounds) {
  say(`\n${request.method ?? 'GET'} ${request.path} ...`);
  return measure(request, rounds, progress);
}

/** Measures, prints, and writes the figures to `jsonFile` when it is given. */
export async function compare(jsonFile) {
  const machine = `node ${process.version}, ${process.platform}-${process.arch}, ${cpus().length} x ${cpus()[0]?.model ?? 'CPU'}`;
  say(`The example server (examples/server) on Buffer and on arenas, one process each, under autocannon with 32
connections on loopback; about a minute. ${machine}.`);
  await verify();

  const heavy = await part(HEAVY, HEAVY_LOAD);
  const unsafe = await part(UNSAFE, OTHER_LOAD);
  const light = await part(LIGHT, OTHER_LOAD);

  show('POST /transform: a 4 KiB upload, rewritten through some 80 zero-filled buffers of 16 KiB', heavy);
  show('POST /transform/unsafe: the same through buffers that are not zeroed (allocUnsafe)', unsafe);
  show('GET /light: a small JSON answer, no buffers', light);
  say(
    `\nrequests/s is the median of the rounds; latencies are over all requests of all rounds.\n\n${WHAT_IT_DOES_NOT_SHOW}`,
  );
  say(`\nRead on: README.md (a first arena in 6 lines, the server in 10), ARCHITECTURE.md (how it works and why it is safe),
examples/server (what was just measured). "npm start -- --serve" keeps the arena server up.`);
  if (jsonFile)
    writeFileSync(
      jsonFile,
      `${JSON.stringify({ machine, date: new Date().toISOString(), heavy, unsafe, light }, null, 2)}\n`,
    );
}
