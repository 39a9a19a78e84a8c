// @ts-check
// Programs in other languages that measure something whenever they are asked: a line goes in, a line of JSON comes out.
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * @typedef {object} Partner
 * @property {(question: string) => Promise<Record<string, number>>} ask
 * @property {() => void} end
 */

/**
 * Starts a program that answers until its input ends.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Partner}
 */
export function converse(command, args) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(question) {
      child.stdin.write(`${question}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${command} ended without an answer to "${question}"`);
      return JSON.parse(value);
    },
    end: () => void child.stdin.end(),
  };
}

/**
 * The first line of what a program says of its version; undefined, and a notice, where there is no such program.
 *
 * @param {string} command
 */
export function versionOf(command) {
  const { status, stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
  if (status === 0) return stdout.split('\n')[0].trim();
  console.error(`freehold: ${command} is not there: its column is left out`);
  return undefined;
}
