import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a program of the corpus says that is wrong with it. */
export interface Fault {
  readonly rule: string;
  readonly line: number;
  /** It takes types to find it. */
  readonly isTyped: boolean;
}

/** A program of the corpus. */
export interface Program {
  /** `bad/leak-plain.mjs`. */
  readonly name: string;
  readonly path: string;
  readonly text: string;
  readonly isBad: boolean;
  readonly faults: readonly Fault[];
  /** The known limit of the analysis that hides its faults; null for those that must be found. */
  readonly limit: string | null;
}

export const corpusFolder = fileURLToPath(new URL('../corpus', import.meta.url));

/** All programs, with what the comments at their heads say of them. */
export function readCorpus(): Program[] {
  return ['bad', 'good'].flatMap((half) =>
    readdirSync(join(corpusFolder, half))
      .filter((name) => /\.(mjs|cjs|ts)$/.test(name))
      .sort()
      .map((name) => readProgram(half, name)),
  );
}

function readProgram(half: string, name: string): Program {
  const path = join(corpusFolder, half, name);
  const text = readFileSync(path, 'utf8');
  const faults = [...text.matchAll(/^\/\/ bad: (\S+) (\d+)( typed)?$/gm)].map(([, rule, line, typed]) => ({
    rule,
    line: Number(line),
    isTyped: typed !== undefined,
  }));
  const limit = /^\/\/ limit: (.+)$/m.exec(text)?.[1] ?? null;
  const isBad = half === 'bad';
  if (isBad !== faults.length > 0) throw new Error(`${half}/${name} has a head that does not fit its folder`);
  return { name: `${half}/${basename(path)}`, path, text, isBad, faults, limit };
}
