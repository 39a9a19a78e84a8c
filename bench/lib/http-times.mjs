// @ts-check
// How long requests take in the code of a server, without the system's sockets.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { COLUMNS, FRAMEWORKS } from './http-question.mjs';

const program = fileURLToPath(new URL('http-times-process.mjs', import.meta.url));

/**
 * Times of one route in a process of its own, where servers of all kinds take turns.
 *
 * @param {string} framework its title
 * @param {string} path
 * @param {string[]} kinds titles of columns
 * @returns {Promise<Record<string, number[]>>} by kind, in us a request: of each round
 */
export async function requestTimes(framework, path, kinds) {
  const { FRAMEWORK, ...env } = FRAMEWORKS[framework];
  const columns = kinds.map((kind) => ({ kind, ...COLUMNS[kind] }));
  const args = [FRAMEWORK, path, JSON.stringify(columns)];
  const child = fork(program, args, { env: { ...process.env, ...env } });
  const [[times], [code]] = await Promise.all([once(child, 'message'), once(child, 'exit')]);
  if (code !== 0) throw new Error(`${framework}: the servers ended with ${code}`);
  return times;
}
