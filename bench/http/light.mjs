// @ts-check
// What does the adapter cost a route that takes no buffer at all?
import { measureRoute } from '../lib/http-question.mjs';
import { OURS, claim, report } from '../lib/question.mjs';

const { rows, ratio } = await measureRoute(
  'GET /light: a few bytes of JSON, no buffers',
  { method: 'GET', path: '/light' },
  { processes: 5, rounds: 3, seconds: 1 },
);

report({
  question: 'light',
  rows,
  claims: ['http', 'express', 'fastify', 'koa', 'hono'].flatMap((framework) => [
    claim(
      `${framework}: requests/s of those without the adapter`,
      ratio(framework, 'requests/s'),
      'at least',
      0.97,
    ),
    claim(
      `${framework}, context: false: requests/s of those without the adapter`,
      ratio(framework, 'requests/s', `${OURS}, context: false`),
      'at least',
      0.97,
    ),
  ]),
  doesNotShow: ['what requests wait for: databases, other services'],
});
