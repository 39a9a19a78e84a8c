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
const FRAMEWORKS = ['http', 'express', 'fastify', 'koa', 'hono'];
const CONNECTIONS = 32;
const MiB = 2 ** 20;

/** The kinds of memory, by the column of the table. */
const BUFFER = 'Buffer';
const NO_CONTEXT = 'freehold, context: false';
/** @type {Record<string, Record<string, string>>} */
const COLUMNS = {
  [OURS]: { MODE: 'arena' },
  [NO_CONTEXT]: { MODE: 'arena', ARENAS: '{"context":false}' },
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
 * @typedef {{ requests: number, seconds: number, p50: number, p99: number, p999: number }} Done
 * @typedef {Record<string, number>} Said
 * @typedef {{ done: Done, before: Said, after: Said }} Round
 * @typedef {import('./question.mjs').Row} Row
 * @typedef {import('./statistics.mjs').Cell} Cell
 */

/**
 * @param {Round} round
 * @param {string} what
 */
const spent = ({ before, after }, what) => after[what] - before[what];

/**
 * @param {string} title
 * @param {{ method: 'GET' | 'POST', path: string, body?: Buffer }} request
 * @param {{ rounds: number, seconds: number }} load
 * @returns {Promise<{ rows: Row[], ratio: (framework: string, figure: string, peer?: string) => number }>}
 */
export async function measureRoute(title, request, { rounds, seconds }) {
  if (!(await hasWrk())) throw new Error('wrk is not installed: apt-get install wrk');
  const folder = mkdtempSync(join(tmpdir(), 'freehold-http-'));
  const bodyFile = request.body === undefined ? '-' : join(folder, 'body');
  if (request.body !== undefined) writeFileSync(bodyFile, request.body);
  const load = { method: request.method, bodyFile, connections: CONNECTIONS, seconds };
  /** @type {Row[]} */
  const rows = [];
  try {
    for (const framework of FRAMEWORKS)
      rows.push(...(await measureOn(framework, title, request, load, rounds)));
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
 * @param {number} rounds
 * @returns {Promise<Row[]>}
 */
async function measureOn(framework, title, request, load, rounds) {
  const names = Object.keys(COLUMNS);
  /** @type {Record<string, Awaited<ReturnType<typeof startServer>>>} */
  const servers = {};
  /** @type {Record<string, Round[]>} */
  const found = Object.fromEntries(names.map((name) => [name, []]));
  /** @type {Record<string, number>} */
  const again = {};
  /** @type {Record<string, Said>} */
  const memory = {};
  try {
    for (const name of names)
      servers[name] = await startServer(server, { ...COLUMNS[name], FRAMEWORK: framework, PORT: '0' });
    const urlOf = (/** @type {string} */ name) => servers[name].hello.url + request.path;
    for (const name of names) await wrk(urlOf(name), { ...load, seconds: 2 });
    for (let round = 0; round < rounds; round++) {
      for (const name of round % 2 === 0 ? names : [...names].reverse()) {
        const before = await servers[name].ask();
        const done = await wrk(urlOf(name), load);
        found[name].push({ done, before, after: await servers[name].ask() });
      }
    }
    for (const name of names) {
      const { method, body } = request;
      const done = await autocannon(urlOf(name), {
        method,
        body,
        connections: CONNECTIONS,
        seconds: load.seconds,
      });
      again[name] = done.requests / done.seconds;
    }
    for (const name of names) memory[name] = await servers[name].ask('memory');
  } finally {
    await Promise.all(Object.values(servers).map((each) => each.stop()));
  }
  const cells = (/** @type {(name: string) => number[]} */ of) =>
    Object.fromEntries(names.map((name) => [name, summarize(of(name))]));
  const note = `${title}; wrk, ${CONNECTIONS} connections, ${load.seconds} s a round`;
  return [
    ...FIGURES.map(([figure, unit, read]) => ({
      title: `${framework}: ${figure}`,
      unit: /** @type {string} */ (unit),
      note,
      cells: cells((name) => found[name].map(/** @type {(round: Round) => number} */ (read))),
    })),
    {
      title: `${framework}: requests/s under autocannon`,
      unit: '1/s',
      note,
      cells: cells((name) => [again[name]]),
    },
    {
      title: `${framework}: peak RSS`,
      unit: 'MiB',
      note,
      cells: cells((name) => [memory[name].rssPeak / MiB]),
    },
    {
      title: `${framework}: peak of external memory`,
      unit: 'MiB',
      note,
      cells: cells((name) => [memory[name].externalPeak / MiB]),
    },
  ];
}
