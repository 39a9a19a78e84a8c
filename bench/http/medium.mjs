// @ts-check
// What do arenas do for a route that takes a buffer or two and does other work?
import { sampleDocument } from '../../examples/server/service.mjs';
import { BUFFER, NO_CONTEXT, measureRoute } from '../lib/http-question.mjs';
import { OURS, report } from '../lib/question.mjs';

const { rows } = await measureRoute(
  'POST /json: a document of 32 KiB, parsed, summed up and written again',
  { method: 'POST', path: '/json', body: sampleDocument(800) },
  { columns: [OURS, NO_CONTEXT, BUFFER], processes: 2, rounds: 2, seconds: 2 },
);

report({
  question: 'medium',
  rows,
  claims: [],
  doesNotShow: ['much: JSON takes nearly all of the time, and the buffers are few'],
});
