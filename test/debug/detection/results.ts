import { type Elsewhere, elsewhere } from './elsewhere.ts';
import type { Group, Mode, Names } from './rows/row.ts';

/** What was seen, by the id of the row: the texts of its cells. */
export type Cells = Map<string, Partial<Record<Mode, string>>>;

/** What is published: `results.json`, of which docs/detection.md is made. */
export interface Results {
  /** The major version of node that has seen it. */
  readonly node: string;
  readonly groups: readonly {
    readonly title: string;
    readonly by: string;
    readonly rows: readonly (Names & {
      readonly id: string;
      readonly title: string;
      readonly allocator: string;
      readonly cells: Partial<Record<Mode, string>>;
    })[];
  }[];
  readonly elsewhere: readonly Elsewhere[];
}

/** What was seen in the rows of the table, in their order. */
export function resultsOf(groups: readonly Group[], cells: Cells): Results {
  return {
    node: process.versions.node.replace(/\..*/, ''),
    groups: groups.map(({ title, by, rows }) => ({
      title,
      by,
      rows: rows.map(({ id, title: fault, allocator, hardened = [], bench = [] }) => ({
        id,
        title: fault,
        allocator,
        cells: cells.get(id) ?? {},
        hardened,
        bench,
      })),
    })),
    elsewhere,
  };
}
