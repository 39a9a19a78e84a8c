import type { Cell } from './statistics.mjs';

export interface Results {
  date: string;
  machine: { model: string; cores: number };
  versions: { node: string; v8: string };
  answers: {
    question: string;
    rows: { title: string; unit: string; note?: string; cells: Record<string, Cell> }[];
    doesNotShow: string[];
  }[];
}
export function conditions(results: Results): string;
export function resultsTable(results: Results): string;
export function withTable(text: string, name: string, table: string): string;
