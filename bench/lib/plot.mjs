// The curves over the number of live blocks, as SVG.
import * as Plot from '@observablehq/plot';
import { JSDOM } from 'jsdom';
import { OURS } from './question.mjs';

const WORKS = {
  pair: 'one more block, given back at once',
  oldest: 'the oldest block gives way to a new one',
  random: 'a random block gives way to a new one',
};

/**
 * The points of all curves; a peer that was measured twice has the curve of the first time.
 * @param {readonly import('./question.mjs').Row[]} rows
 */
export function pointsOf(rows) {
  const points = new Map();
  for (const { point, cells } of rows) {
    if (!point) continue;
    for (const [peer, { median }] of Object.entries(cells)) {
      const curve = peer === OURS ? point.what : peer;
      const key = `${curve}, ${point.work}, ${point.live}`;
      if (!points.has(key))
        points.set(key, { curve, work: WORKS[point.work], live: point.live, nanoseconds: median });
    }
  }
  return [...points.values()];
}

/**
 * @param {readonly import('./question.mjs').Row[]} rows
 * @param {string} caption
 * @returns {string} SVG
 */
export function manyLiveBlocks(rows, caption) {
  const points = pointsOf(rows);
  const { document } = new JSDOM('').window;
  // Colours tell the curves apart, names stand at the last of them.
  const named = points.filter(({ work }) => work === WORKS.random);
  const svg = Plot.plot({
    document,
    width: 1200,
    height: 440,
    marginTop: 40,
    marginRight: 100,
    marginBottom: 64,
    style: { background: 'white', color: 'black', fontSize: '13px' },
    x: { type: 'log', label: 'live blocks', ticks: 5, tickFormat: '~s' },
    y: { type: 'log', label: 'ns', grid: true, ticks: 6, tickFormat: '~r' },
    fx: { label: null, domain: Object.values(WORKS) },
    color: { domain: [...new Set(points.map(({ curve }) => curve))] },
    marks: [
      Plot.frame(),
      Plot.lineY(points, { x: 'live', y: 'nanoseconds', stroke: 'curve', fx: 'work', strokeWidth: 2 }),
      Plot.dot(points, { x: 'live', y: 'nanoseconds', fill: 'curve', fx: 'work' }),
      Plot.text(
        named,
        Plot.selectLast({
          x: 'live',
          y: 'nanoseconds',
          z: 'curve',
          fx: 'work',
          text: 'curve',
          fill: 'curve',
          textAnchor: 'start',
          dx: 8,
        }),
      ),
      Plot.text([caption], { frameAnchor: 'bottom-left', textAnchor: 'start', dy: 56, fx: () => WORKS.pair }),
    ],
  });
  // A file of its own is found by this name only.
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return `${svg.outerHTML}\n`;
}
