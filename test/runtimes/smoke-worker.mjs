// The worker of smoke.mjs: leaves its arena to the end of its thread.
import { parentPort } from 'node:worker_threads';
import { Arena } from 'freehold';

const arena = new Arena();
const block = arena.alloc(1000).fill(7);
parentPort.on('message', () => arena.reset()); // keeps the thread, and with it the arena, until it is terminated
parentPort.postMessage(block.reduce((sum, byte) => sum + byte, 0));
