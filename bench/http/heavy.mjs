// @ts-check
// What do arenas do for a route that takes many buffers?
import { sampleUpload } from '../../examples/server/partition.mjs';
import { BUFFER, NO_CONTEXT, TITLES, measureRoute } from '../lib/http-question.mjs';
import { OURS, claim, report } from '../lib/question.mjs';

const { rows, ratio } = await measureRoute(
  'POST /transform: a 4 KiB upload, rewritten through some 80 zero-filled buffers of 16 KiB',
  { method: 'POST', path: '/transform', body: sampleUpload(128, 32) },
  { columns: [OURS, NO_CONTEXT, BUFFER], processes: 2, rounds: 3, seconds: 4 },
);

report({
  question: 'heavy',
  rows,
  claims: TITLES.flatMap((framework) => [
    claim(`${framework}: requests/s of those on Buffer`, ratio(framework, 'requests/s'), 'at least', 1.5),
    claim(`${framework}: p99 of that on Buffer`, ratio(framework, 'latency p99'), 'at most', 0.6),
    claim(`${framework}: peak RSS of that on Buffer`, ratio(framework, 'peak RSS'), 'at most', 0.7),
  ]),
  doesNotShow: [
    'Express on Buffer without any of freehold: it has messageClasses() as well, unless it is app.listen()',
    'clients on another machine: the load generator shares its cores with the server',
    'routes that work long on each byte, or that can compute sizes first and allocate once: they gain less',
  ],
});
