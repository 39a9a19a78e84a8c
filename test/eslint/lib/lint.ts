import * as parser from '@typescript-eslint/parser';
import { ESLint, type Linter } from 'eslint';
import { ESLint as ESLint9 } from 'eslint9';
import { configs } from 'freehold/eslint';

import { corpusFolder } from './corpus.ts';

/** The versions of ESLint that the plugin works with. */
export const VERSIONS = { 'ESLint 10': ESLint, 'ESLint 9': ESLint9 as unknown as typeof ESLint } as const;

/** Something that was found. */
export interface Found {
  readonly rule: string;
  readonly line: number;
  readonly message: string;
}

export interface LintOptions {
  readonly version?: keyof typeof VERSIONS;
  /** The folder with a `tsconfig.json` whose types are used; none for the parser alone. */
  readonly project?: string;
  /** As in CI: types come from one program, and a file that is read again has a program of its own. */
  readonly singleRun?: boolean;
  readonly rules?: Linter.RulesRecord;
}

/** ESLint with the plugin's recommended rules and no configuration of the project's. */
export function linterWith(options: LintOptions = {}): ESLint {
  const { version = 'ESLint 10', project, singleRun = false, rules = {} } = options;
  const typed =
    project === undefined
      ? {}
      : {
          project: ['tsconfig.json'],
          tsconfigRootDir: project,
          // Otherwise the variable CI decides.
          disallowAutomaticSingleRunInference: !singleRun,
        };
  return new VERSIONS[version]({
    cwd: project ?? corpusFolder,
    overrideConfigFile: true,
    overrideConfig: [
      { files: ['**/*.{js,mjs}'], languageOptions: { ecmaVersion: 2026, sourceType: 'module' } },
      { files: ['**/*.cjs'], languageOptions: { ecmaVersion: 2026, sourceType: 'commonjs' } },
      {
        files: project === undefined ? ['**/*.ts'] : ['**/*.{ts,mjs,cjs}'],
        languageOptions: { parser, parserOptions: typed },
      },
      { files: ['**/*.{js,mjs,cjs,ts}'], ...configs.recommended },
      { files: ['**/*.{js,mjs,cjs,ts}'], rules },
    ] as Linter.Config[],
  });
}

/** Lints files; what is found, by their paths. */
export async function lintFiles(
  paths: readonly string[],
  options?: LintOptions,
): Promise<Map<string, Found[]>> {
  const results = await linterWith(options).lintFiles([...paths]);
  return new Map(results.map(({ filePath, messages }) => [filePath, messages.map(foundOf)]));
}

/** Lints a text; its language is that of the name. */
export async function lintText(text: string, name: string, options?: LintOptions): Promise<Found[]> {
  const [result] = await linterWith(options).lintText(text, { filePath: name });
  return result.messages.map(foundOf);
}

function foundOf({ ruleId, line, message }: Linter.LintMessage): Found {
  if (ruleId === null) throw new Error(`line ${line}: ${message}`);
  return { rule: ruleId.replace('freehold/', ''), line, message };
}
