// @ts-check
// A round of load with wrk (https://github.com/wg/wrk), which takes less of the machine than a client in JavaScript.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const script = fileURLToPath(new URL('wrk.lua', import.meta.url));
const run = promisify(execFile);

/** Whether wrk is installed. */
export async function hasWrk() {
  try {
    await run('wrk', ['--version']);
    return true;
  } catch (error) {
    // It ends with 1 when it says its version.
    return /** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT';
  }
}

/**
 * @param {string} url
 * @param {{ method: string, bodyFile: string, connections: number, seconds: number }} load
 * @returns {Promise<{ requests: number, seconds: number, p50: number, p99: number, p999: number }>} latencies in ms
 * @throws Error when a request failed
 */
export async function wrk(url, { method, bodyFile, connections, seconds }) {
  const flags = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', script];
  const { stdout } = await run('wrk', [...flags, url, '--', method, bodyFile]);
  const found = /FIGURES (.*)/.exec(stdout)?.[1].split(' ').map(Number);
  if (found === undefined) throw new Error(`wrk said nothing: ${stdout}`);
  const [requests, failures, microseconds, p50, p99, p999] = found;
  if (failures > 0) throw new Error(`${failures} of ${requests} requests to ${url} failed`);
  return { requests, seconds: microseconds / 1e6, p50: p50 / 1000, p99: p99 / 1000, p999: p999 / 1000 };
}
