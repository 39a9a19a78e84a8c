// @ts-check
// What do arenas do for a route that takes many buffers?
import { sampleUpload } from '../../examples/server/partition.mjs';
import { measureRoute } from '../lib/http-question.mjs';
import { claim, report } from '../lib/question.mjs';

const { rows, ratio } = await measureRoute(
  'POST /transform: a 4 KiB upload, rewritten through some 80 zero-filled buffers of 16 KiB',
  { method: 'POST', path: '/transform', body: sampleUpload(128, 32) },
  { processes: 2, rounds: 3, seconds: 4 },
);

report({
  question: 'heavy',
  rows,
  claims: ['http', 'express', 'fastify', 'koa', 'hono'].flatMap((framework) => [
    claim(`${framework}: requests/s of those on Buffer`, ratio(framework, 'requests/s'), 'at least', 1.5),
    claim(`${framework}: p99 of that on Buffer`, ratio(framework, 'latency p99'), 'at most', 0.6),
    claim(`${framework}: peak RSS of that on Buffer`, ratio(framework, 'peak RSS'), 'at most', 0.7),
  ]),
  doesNotShow: [
    'clients on another machine: the load generator shares its cores with the server',
    'routes that work long on each byte, or that can compute sizes first and allocate once: they gain less',
  ],
});
