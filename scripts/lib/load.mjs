// One round of load with autocannon.
import autocannon from 'autocannon';

/**
 * Sends `request` over `connections` connections for `seconds`, each connection one request after the other.
 *
 * Latencies are taken from the single responses: autocannon's own histogram counts in whole milliseconds.
 *
 * @returns requests done, seconds it took, and their latencies in ms (in no order)
 * @throws Error when any request failed or was not answered with a 2xx.
 */
export async function load(url, { method = 'GET', body, connections = 32, seconds }) {
  const latencies = [];
  const options = { url, method, connections, duration: seconds, ...(body && { body }) };
  const result = await new Promise((resolve, reject) => {
    const run = autocannon(options, (error, done) => (error ? reject(error) : resolve(done)));
    run.on('response', (_client, _status, _bytes, time) => latencies.push(time));
  });
  const failed = result.errors + result.timeouts + result.non2xx;
  if (failed > 0) throw new Error(`${failed} of ${result.requests.total} requests to ${url} failed`);
  return { requests: latencies.length, seconds: result.duration, latencies };
}
