// @ts-check
// What does the adapter cost a route that takes no buffer at all?
//
// Over sockets, two servers that run the very same code differ by more than an adapter costs: most of the time is the system's, and each
// process has its own luck. So what an adapter adds is measured without sockets, in one process, in turns with a server that has none.
// Not so with contexts: on Node 20 and 22 an AsyncLocalStorage makes all promises of its process slower, and what comes from sockets.
import { BUFFER, LAZY, NO_CONTEXT, TITLES, measureRoute } from '../lib/http-question.mjs';
import { requestTimes } from '../lib/http-times.mjs';
import { OURS, claim, report } from '../lib/question.mjs';
import { summarize } from '../lib/statistics.mjs';

const { rows, cell, ratio } = await measureRoute(
  'GET /light: a few bytes of JSON, no buffers',
  { method: 'GET', path: '/light' },
  { processes: 3, rounds: 3, seconds: 1 },
);

const claims = [];
for (const framework of TITLES) {
  const of = 'of those without the adapter';
  claims.push(claim(`${framework}: requests/s ${of}`, ratio(framework, 'requests/s'), 'at least', 0.97));
  const times = await requestTimes(framework, '/light', [NO_CONTEXT, LAZY, BUFFER]);
  rows.push({
    title: `${framework}: of it, outside of the system`,
    unit: 'us',
    note: 'through the parser of Node, and over sockets that do not leave the process',
    cells: Object.fromEntries(Object.entries(times).map(([kind, rounds]) => [kind, summarize(rounds)])),
  });
  const whole = cell(framework, 'CPU per request', BUFFER);
  for (const kind of [NO_CONTEXT, LAZY]) {
    const added = summarize(times[kind].map((time, round) => time - times[BUFFER][round])).median;
    const title = `${framework}, ${kind.replace(`${OURS}, `, '')}: requests per second of CPU time ${of}`;
    claims.push(claim(title, whole / (whole + added), 'at least', 0.97));
  }
}

report({
  question: 'light',
  rows,
  claims,
  doesNotShow: [
    'what requests wait for: databases, other services',
    'by their requests/s, what an adapter without contexts costs: over sockets, identical servers differ by more',
  ],
});
