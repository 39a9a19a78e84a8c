// @ts-check
// One route of the example service on each framework, on Buffer and on arenas.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load as autocannon } from '../../scripts/lib/load.mjs';
import { startServer } from '../../scripts/lib/server-process.mjs';
import { OURS } from './question.mjs';
import { summarize } from './statistics.mjs';
import { hasWrk, wrk } from './wrk.mjs';

const server = fileURLToPath(new URL('../../examples/server/server.mjs', import.meta.url));

/**
 * What is measured, by its title in the tables. Two kinds of Express: see messageClasses() of freehold/express.
 * @type {Record<string, Record<string, string>>}
 */
export const FRAMEWORKS = {
  http: { FRAMEWORK: 'http' },
  express: { FRAMEWORK: 'express', MESSAGES: 'app' },
  'express, app.listen()': { FRAMEWORK: 'express', MESSAGES: 'express' },
  fastify: { FRAMEWORK: 'fastify' },
  koa: { FRAMEWORK: 'koa' },
  hono: { FRAMEWORK: 'hono' },
};

/** Their titles. */
export const TITLES = Object.keys(FRAMEWORKS);

const CONNECTIONS = 32;
const MiB = 2 ** 20;

/** The kinds of memory, by the column of the table. */
export const BUFFER = 'Buffer';
export const NO_CONTEXT = 'freehold, context: false';
export const LAZY = 'freehold, lazyArenas()';
/** @type {Record<string, Record<string, string>>} */
export const COLUMNS = {
  [OURS]: { MODE: 'arena' },
  [NO_CONTEXT]: { MODE: 'arena', ARENAS: '{"context":false}' },
  [LAZY]: { MODE: 'lazy' },
  [BUFFER]: { MODE: 'buffer' },
};

/** What is said of each: how it is read from a round, and its unit. */
const FIGURES = [
  ['requests/s', '1/s', (/** @type {Round} */ { done }) => done.requests / done.seconds],
  ['latency p50', 'ms', (/** @type {Round} */ { done }) => done.p50],
  ['latency p99', 'ms', (/** @type {Round} */ { done }) => done.p99],
  ['latency p99.9', 'ms', (/** @type {Round} */ { done }) => done.p999],
  ['CPU per request', 'us', (/** @type {Round} */ r) => (spent(r, 'cpuMs') * 1000) / r.done.requests],
  ['GC per 1,000 requests', 'ms', (/** @type {Round} */ r) => (spent(r, 'gcMs') * 1000) / r.done.requests],
];

/**
 * @typedef {{ columns?: string[], processes: number, rounds: number, seconds: number }} Load kinds of memory, all when left out; so many servers of each kind one after the other, since what
 *   one process is like (where its memory is, what V8 has optimised when) does not change in it; rounds of each, and their length
 * @typedef {{ requests: number, seconds: number, p50: number, p99: number, p999: number }} Done
 * @typedef {Record<string, number>} Said
 * @typedef {{ done: Done, before: Said, after: Said }} Round
 * @typedef {{ rounds: Round[], again: number[], memory: Said[] }} Found
 * @typedef {import('./question.mjs').Row} Row
 */

/**
 * @param {Round} round
 * @param {string} what
 */
const spent = ({ before, after }, what) => after[what] - before[what];

/**
 * @param {string} title
 * @param {{ method: 'GET' | 'POST', path: string, body?: Buffer }} request
 * @param {Load} load
 * @returns {Promise<{ rows: Row[], cell: (framework: string, figure: string, kind: string) => number, ratio: (framework: string, figure: string, peer?: string) => number }>}
 *   `cell` is a median, and `ratio` how many times that of Buffer it is
 */
export async function measureRoute(
  title,
  request,
  { columns = Object.keys(COLUMNS), processes, rounds, seconds },
) {
  if (!(await hasWrk())) throw new Error('wrk is not installed: apt-get install wrk');
  const folder = mkdtempSync(join(tmpdir(), 'freehold-http-'));
  const bodyFile = request.body === undefined ? '-' : join(folder, 'body');
  if (request.body !== undefined) writeFileSync(bodyFile, request.body);
  const load = { method: request.method, bodyFile, connections: CONNECTIONS, seconds };
  /** @type {Row[]} */
  const rows = [];
  try {
    for (const framework of TITLES)
      rows.push(...(await measureOn(framework, title, request, load, { columns, processes, rounds })));
  } finally {
    rmSync(folder, { recursive: true });
  }
  const cellsOf = (/** @type {string} */ framework, /** @type {string} */ figure) => {
    const row = rows.find((each) => each.title === `${framework}: ${figure}`);
    if (row === undefined) throw new Error(`no figure ${figure} of ${framework}`);
    return row.cells;
  };
  return {
    rows,
    cell: (framework, figure, kind) => cellsOf(framework, figure)[kind].median,
    ratio: (framework, figure, peer = OURS) => {
      const cells = cellsOf(framework, figure);
      return cells[peer].median / cells[BUFFER].median;
    },
  };
}

/**
 * @param {string} framework
 * @param {string} title
 * @param {{ method: 'GET' | 'POST', path: string, body?: Buffer }} request
 * @param {{ method: string, bodyFile: string, connections: number, seconds: number }} load
 * @param {{ columns: string[], processes: number, rounds: number }} times
 * @returns {Promise<Row[]>}
 */
async function measureOn(framework, title, request, load, { columns: names, processes, rounds }) {
  /** @type {Record<string, Found>} */
  const found = Object.fromEntries(names.map((name) => [name, { rounds: [], again: [], memory: [] }]));
  for (let process = 0; process < processes; process++)
    await measureServers(framework, request, load, rounds, found);
  const cells = (/** @type {(found: Found) => number[]} */ of) =>
    Object.fromEntries(names.map((name) => [name, summarize(of(found[name]))]));
  const note = `${title}; wrk, ${CONNECTIONS} connections, ${load.seconds} s a round`;
  return [
    ...FIGURES.map(([figure, unit, read]) => ({
      title: `${framework}: ${figure}`,
      unit: /** @type {string} */ (unit),
      note,
      cells: cells((each) => each.rounds.map(/** @type {(round: Round) => number} */ (read))),
    })),
    {
      title: `${framework}: requests/s under autocannon`,
      unit: '1/s',
      note,
      cells: cells(({ again }) => again),
    },
    {
      title: `${framework}: peak RSS`,
      unit: 'MiB',
      note,
      cells: cells(({ memory }) => memory.map(({ rssPeak }) => rssPeak / MiB)),
    },
    {
      title: `${framework}: peak of external memory`,
      unit: 'MiB',
      note,
      cells: cells(({ memory }) => memory.map(({ externalPeak }) => externalPeak / MiB)),
    },
  ];
}

/**
 * One server of each kind, in turns.
 *
 * @param {string} framework
 * @param {{ method: 'GET' | 'POST', path: string, body?: Buffer }} request
 * @param {{ method: string, bodyFile: string, connections: number, seconds: number }} load
 * @param {number} rounds
 * @param {Record<string, Found>} found to which the figures are added
 */
async function measureServers(framework, { method, path, body }, load, rounds, found) {
  const names = Object.keys(found);
  /** @type {Record<string, Awaited<ReturnType<typeof startServer>>>} */
  const servers = {};
  try {
    for (const name of names)
      servers[name] = await startServer(server, {
        ...COLUMNS[name],
        ...FRAMEWORKS[framework],
        PORT: '0',
      });
    const urlOf = (/** @type {string} */ name) => servers[name].hello.url + path;
    for (const name of names) await wrk(urlOf(name), { ...load, seconds: 2 });
    for (let round = 0; round < rounds; round++) {
      for (const name of round % 2 === 0 ? names : [...names].reverse()) {
        const before = await servers[name].ask();
        const done = await wrk(urlOf(name), load);
        found[name].rounds.push({ done, before, after: await servers[name].ask() });
      }
    }
    for (const name of names) {
      const { seconds, connections } = load;
      const done = await autocannon(urlOf(name), { method, body, connections, seconds });
      found[name].again.push(done.requests / done.seconds);
    }
    for (const name of names) found[name].memory.push(await servers[name].ask('memory'));
  } finally {
    await Promise.all(Object.values(servers).map((each) => each.stop()));
  }
}
