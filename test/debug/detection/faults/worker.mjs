import { parentPort, workerData } from 'node:worker_threads';
import { Heap } from 'freehold';

try {
  new Heap().free(workerData);
  parentPort.postMessage(null);
} catch ({ code, message }) {
  parentPort.postMessage({ code, message });
}
