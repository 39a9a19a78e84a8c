// The figures of this thread at one moment, from which all metrics are read.
import { type MemoryStats, memoryStats } from '../memory-stats.ts';
import { pinsHeld } from '../pin.ts';
import { type CollectorTotals, collectorTotals } from '../rc-totals.ts';
import type { PoolTally } from '../arena-pool.ts';
import { allStocks } from '../servers/stock.ts';
import { type RouteTotals, allTotals, serverTally } from '../servers/totals.ts';

/** What is known of the arenas that servers have now. */
export interface ServerArenas {
  readonly inUse: number;
  readonly idle: number;
  readonly idleBytes: number;
}

/** A route, what was counted on it, and the largest high-water mark that a living server has for it, in bytes. */
export interface RouteFigures {
  readonly totals: RouteTotals;
  readonly mark: number;
}

/** See the top of this file. */
export interface Figures {
  readonly memory: MemoryStats;
  readonly arenas: ServerArenas;
  readonly tally: PoolTally;
  readonly routes: readonly RouteFigures[];
  readonly pins: number;
  readonly collector: CollectorTotals;
}

let latest: Figures | null = null;

/** The figures of this moment: read once for all metrics of a scrape, which asks for them one after the other. */
export function figures(): Figures {
  if (latest === null) {
    latest = read();
    queueMicrotask(() => {
      latest = null;
    });
  }
  return latest;
}

function read(): Figures {
  const stocks = allStocks();
  const marks = new Map<RouteTotals, number>();
  for (const stock of stocks)
    for (const { totals, mark } of stock.routes) marks.set(totals, Math.max(mark, marks.get(totals) ?? 0));
  return {
    memory: memoryStats(),
    arenas: {
      inUse: stocks.reduce((sum, stock) => sum + stock.inUse, 0),
      idle: stocks.reduce((sum, stock) => sum + stock.idle, 0),
      idleBytes: stocks.reduce((sum, stock) => sum + stock.idleBytes, 0),
    },
    tally: serverTally,
    routes: [...allTotals()].map((totals) => ({ totals, mark: marks.get(totals) ?? 0 })),
    pins: pinsHeld(),
    collector: collectorTotals(),
  };
}
