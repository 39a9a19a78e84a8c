// Measures one endpoint on two servers, in rounds that take turns.
import { load } from './load.mjs';
import { at } from './paths.mjs';
import { startServer } from './server-process.mjs';
import { median, percentile } from './statistics.mjs';

const SERVER = at('examples/server/server.mjs');
export const MODES = ['buffer', 'arena'];

/** One round on one server: what was done, and what the server says that it cost. */
async function round(server, request, seconds) {
  const before = await server.ask();
  const done = await load(server.hello.url + request.path, { ...request, seconds });
  const after = await server.ask();
  return { ...done, before, after };
}

/** All rounds of one server, and the peaks of its memory, as one row of figures. */
function summary(rounds, { rssPeak, externalPeak }) {
  const requests = rounds.reduce((sum, { requests }) => sum + requests, 0);
  const spent = (what) => rounds.reduce((sum, { before, after }) => sum + after[what] - before[what], 0);
  const latencies = rounds.flatMap(({ latencies }) => latencies).sort((a, b) => a - b);
  return {
    requests,
    requestsPerSecond: median(rounds.map(({ requests, seconds }) => requests / seconds)),
    rounds: rounds.map(({ requests, seconds }) => requests / seconds),
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    p999: percentile(latencies, 0.999),
    cpuMicrosPerRequest: (spent('cpuMs') * 1000) / requests,
    gcPerThousand: (spent('gcCount') * 1000) / requests,
    gcMsPerThousand: (spent('gcMs') * 1000) / requests,
    rssPeak,
    externalPeak,
  };
}

/**
 * Starts a server of each kind, warms both up, and gives them load in turns (A B A B ...), so that whatever else the
 * machine does meets both.
 *
 * @param request `{ path, method, body }`
 * @returns a summary for each of `MODES`
 */
export async function measure(request, { warmUpSeconds, rounds, seconds }, progress = () => {}) {
  const servers = {};
  try {
    for (const mode of MODES) servers[mode] = await startServer(SERVER, { MODE: mode, PORT: '0' });
    for (const mode of MODES)
      await load(servers[mode].hello.url + request.path, { ...request, seconds: warmUpSeconds });
    const done = { buffer: [], arena: [] };
    for (let i = 0; i < rounds; i++) {
      for (const mode of MODES) {
        done[mode].push(await round(servers[mode], request, seconds));
        progress(mode, i, done[mode].at(-1));
      }
    }
    const of = async (mode) => summary(done[mode], await servers[mode].ask('memory'));
    return { buffer: await of('buffer'), arena: await of('arena') };
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.stop()));
  }
}
