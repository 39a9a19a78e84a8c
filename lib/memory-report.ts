import prettyBytes from 'pretty-bytes';

import type { BlockKindStats, KindStats, MemoryStats } from './memory-stats.ts';

/** The figures as a table for people, and a sentence before it that says the most important. */
export function reportOf(stats: MemoryStats): string {
  const { strategy, totals, peak, arenas, chunks, foreign } = stats;
  const rows = [
    ['', 'allocators', 'blocks', 'in use', 'held'],
    row('automatic', stats.rc),
    row('manual', stats.manual),
    row('arenas', stats.arenas),
    row('pools', stats.pools),
  ];
  const kept = [
    arenas.idle > 0 && `${count(arenas.idle)} of the arenas kept for the next request or scope`,
    chunks.cached > 0 && `${bytes(chunks.cachedBytes)} cached for the next allocator`,
    chunks.orphaned > 0 && `${bytes(chunks.orphanedBytes)} left to the garbage collector`,
    foreign.blocks > 0 && `${bytes(foreign.bytes)} of C libraries seen in ${count(foreign.blocks)} blocks`,
    stats.backing === 'v8' && "all of it in the engine's own memory",
  ].filter((text) => text !== false);
  return [
    `memory: ${bytes(totals.bytesUsed)} in use of ${bytes(totals.bytesReserved)} held, ` +
      `at most ${bytes(peak.mappedBytes)} mapped; strategy ${strategy}`,
    ...table(rows),
    ...(kept.length === 0 ? [] : [kept.join(', ')]),
  ].join('\n');
}

function row(name: string, kind: KindStats & Partial<BlockKindStats>): string[] {
  const blocks = kind.blocks === undefined ? '' : count(kind.blocks);
  return [name, count(kind.count), blocks, bytes(kind.bytesUsed), bytes(kind.bytesReserved)];
}

/** The first column to the left, the others to the right. */
function table(rows: string[][]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  return rows.map((cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
      .join('  '),
  );
}

function bytes(value: number): string {
  return prettyBytes(value, { binary: true });
}

function count(value: number): string {
  return value.toLocaleString('en');
}
