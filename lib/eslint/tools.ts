import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import type { ESLint, Linter } from 'eslint';

/** What the command works with. */
export interface Tools {
  readonly ESLint: typeof ESLint;
  /** Null when there is none: then TypeScript cannot be read. */
  readonly parser: Linter.Parser | null;
  /** Whether the project says how its TypeScript is to be understood, so that types are there. */
  readonly hasTypes: boolean;
}

const OWN = fileURLToPath(import.meta.url);

/** ESLint and a parser: those of the project, or else those beside this package. Null without ESLint. */
export async function findTools(folder: string): Promise<Tools | null> {
  const found = await load(folder, 'eslint');
  if (found === null) return null;
  const { ESLint: Class } = found as { ESLint: typeof ESLint };
  const parser =
    (await load(folder, '@typescript-eslint/parser')) ?? parserIn(await load(folder, 'typescript-eslint'));
  return {
    ESLint: Class,
    parser: parser as Linter.Parser | null,
    hasTypes: hasProject(folder),
  };
}

function parserIn(module: unknown): unknown {
  return (module as { parser?: unknown } | null)?.parser ?? null;
}

/** A package of the project, or one beside this package. */
async function load(folder: string, name: string): Promise<unknown> {
  for (const from of [join(folder, 'package.json'), OWN]) {
    let path: string;
    try {
      path = createRequire(from).resolve(name);
    } catch {
      continue;
    }
    const module = (await import(pathToFileURL(path).href)) as { default?: unknown };
    return module.default ?? module;
  }
  return null;
}

/** Whether a folder, or one around it, has a `tsconfig.json`. */
function hasProject(folder: string): boolean {
  if (existsSync(join(folder, 'tsconfig.json'))) return true;
  const outer = dirname(folder);
  return outer !== folder && hasProject(outer);
}
