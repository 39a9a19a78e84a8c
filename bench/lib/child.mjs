// @ts-check
// Programs that measure something in a process of their own and send what they found.
import { fork } from 'node:child_process';
import { basename } from 'node:path';

/**
 * Runs a program with a collector that it may call, and resolves with the last message that it sends.
 *
 * @param {string} path
 * @param {readonly string[]} [args]
 * @param {readonly string[]} [execArgv]
 * @returns {Promise<any>} what the program says: its caller knows
 */
export function ask(path, args = [], execArgv = []) {
  return new Promise((resolve, reject) => {
    const child = fork(path, args, { execArgv: ['--expose-gc', ...execArgv] });
    /** @type {unknown} */
    let answer;
    child.on('message', (message) => (answer = message));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0 && answer !== undefined) resolve(answer);
      else
        reject(
          new Error([basename(path), ...args].join(' ') + ` ended with ${signal ?? `exit code ${code}`}`),
        );
    });
  });
}
