// @ts-check
// The table of docs/choosing.md: what only people know is written here, every figure comes from bench/results/chooser.json.
import { conditions } from './markdown.mjs';
import { figure } from './table.mjs';

/**
 * @typedef {import('./markdown.mjs').Results} Results
 *
 * @typedef {object} Choice
 * @property {string} name as in the results
 * @property {string} useCase
 * @property {string} ends how a block ends
 * @property {string} detected
 * @property {string} [metadata] where the results have none
 */

/** @type {Choice[]} */
const CHOICES = [
  {
    name: 'Arena',
    useCase: 'all blocks of a request, a frame or a job end together',
    ends: 'all at once: `reset`, `rewind`, dispose',
    detected: 'stale views: their length is 0; use of a disposed arena; stale marks',
    metadata: '0 (some 100 bytes a chunk)',
  },
  {
    name: 'Pool',
    useCase: 'many blocks of one size, each with a life of its own',
    ends: 'each by `free`, `freeIndex`, `freeHandle`',
    detected: 'double, foreign, interior and misaligned frees; stale handles; with dispose: stale views',
  },
  {
    name: 'Heap',
    useCase: 'blocks of any size, each with a life of its own',
    ends: 'each by `free`',
    detected:
      'double, foreign, interior and misaligned frees; stale views of large blocks and of those made with `isolate`',
  },
  {
    name: 'Stack',
    useCase: 'scratch memory of calls within calls, with a hard limit',
    ends: 'with its frame',
    detected: 'overflow, before any damage; frames that end out of order; stale views',
    metadata: '0',
  },
  {
    name: "Stack, mode 'reuse'",
    useCase: 'the same where no view is used after its frame',
    ends: 'with its frame',
    detected: 'overflow, before any damage; frames that end out of order',
    metadata: '0',
  },
  {
    name: 'FixedBuffer',
    useCase: 'memory that is there already: a buffer of yours, shared or of WebAssembly',
    ends: 'the last one by `free`; all by `reset`',
    detected:
      'foreign frees; frees of blocks whose bytes were given back; memory that was detached or has shrunk',
    metadata: '0',
  },
  {
    name: 'pageAllocator',
    useCase: 'few and large blocks; finding out who writes beyond a block (`guard`)',
    ends: 'each by `free`',
    detected: 'double and foreign frees; stale views; with `guard`: reads and writes beyond a block, at once',
    metadata: 'pages of its own',
  },
  {
    name: 'Buffer.allocUnsafe',
    useCase: 'for comparison',
    ends: 'when the collector finds it',
    detected: '',
    metadata: '',
  },
];

/**
 * @param {Results} results
 * @param {string} title
 * @param {string} peer
 */
function found({ answers }, title, peer) {
  const row = answers.flatMap(({ rows }) => rows).find((each) => each.title === title);
  if (!row) throw new Error(`the results have no row "${title}"`);
  const cell = row.cells[peer];
  return cell === undefined ? undefined : figure(cell.median);
}

/**
 * The allocators, and under them the wrappers.
 * @param {Results} results
 */
export function chooserTable(results) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  const choices = CHOICES.map(({ name, useCase, ends, detected, metadata }) =>
    line([
      `\`${name}\``,
      useCase,
      found(results, 'a 64 B Block, not zeroed, and its end', name) ?? '',
      found(results, 'the same without a Block', name) ?? '',
      found(results, 'metadata for each of 100,000 blocks', name) ?? metadata ?? '',
      found(results, 'JavaScript heap for each of 100,000 blocks', name) ?? '',
      ends,
      detected,
    ]),
  );
  const wrapped = results.answers[0].rows.find(({ title }) => title === 'a Block of a wrapped pool');
  const wrappers = Object.entries(wrapped?.cells ?? {}).map(([name, { median }]) =>
    line([name, figure(median)]),
  );
  return [
    line([
      'allocator',
      'for',
      'Block and its end, ns',
      'without a Block, ns',
      'metadata, bytes a block',
      'JavaScript heap, bytes a live Block',
      'a block ends',
      'what is detected',
    ]),
    line(['---', '---', '---:', '---:', '---:', '---:', '---', '---']),
    ...choices,
    '',
    'A wrapper around a pool adds to that:',
    '',
    line(['wrapper', 'Block and its end, ns']),
    line(['---', '---:']),
    ...wrappers,
    '',
    `64 B blocks that are not zeroed. ${conditions(results)}. Made by \`npm run bench -- chooser\`.`,
  ].join('\n');
}
