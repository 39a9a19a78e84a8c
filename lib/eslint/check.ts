import { parseArgs } from 'node:util';

import type { ESLint, Linter } from 'eslint';

import { nearestOf } from '../nearest.ts';
import { plugin } from './index.ts';
import { type Tools, findTools } from './tools.ts';

/** Nothing was found. */
const CLEAN = 0;
/** Something was. */
const FOUND = 1;
/** It could not be looked for. */
const FAILED = 2;

const SCRIPTS = '**/*.{js,mjs,cjs,jsx}';
const TYPESCRIPT = '**/*.{ts,mts,cts,tsx}';
const FORMATS = ['stylish', 'json'] as const;

const HELP = `freehold check [files or folders] [options]

Looks for leaks, double frees, uses after free and broken ownership, by the rules of freehold/eslint.
Default: all JavaScript and TypeScript files below the current folder.

  --strict                 also what is not certain, and what \`using\` would do better
  --format stylish|json    how findings are told; default: stylish
  --help                   this text
  --version                the version of freehold

Exit status: 0 when nothing is found, 1 when something is, 2 when it cannot be looked for.
The rules: ${new URL('../../docs/eslint/README.md', import.meta.url).href}
`;

const OPTIONS = {
  strict: { type: 'boolean' },
  format: { type: 'string' },
  help: { type: 'boolean' },
  version: { type: 'boolean' },
} as const;

/** An argument that makes no sense, or a tool that is missing. */
class UsageError extends Error {}

/**
 * The command `freehold check`: what it says goes to standard output, and what is wrong with its use to standard error.
 *
 * @returns the exit status.
 */
export async function check(args: readonly string[], folder: string): Promise<number> {
  try {
    return await run(args, folder);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`freehold: ${error.message}\n`);
    return FAILED;
  }
}

async function run(args: readonly string[], folder: string): Promise<number> {
  const { values, positionals } = readArguments(args);
  if (values.version === true) {
    process.stdout.write(`${plugin.meta.version}\n`);
    return CLEAN;
  }
  const [command, ...files] = positionals;
  if (values.help === true || command === undefined) {
    process.stdout.write(HELP);
    return values.help === true ? CLEAN : FAILED;
  }
  if (command !== 'check')
    throw new UsageError(`there is no command '${command}'; did you mean 'freehold check'?`);
  const { format = 'stylish' } = values;
  if (!FORMATS.some((each) => each === format))
    throw new UsageError(`--format must be stylish or json, but is '${format}'`);
  const tools = await findTools(folder);
  if (tools === null) {
    throw new UsageError(
      'ESLint is needed, and was found neither in this project nor beside freehold; install it: npm install --save-dev eslint typescript-eslint',
    );
  }
  const isStrict = values.strict === true;
  const linter = linterOf(tools, folder, isStrict);
  const results = await lint(linter, files.length === 0 ? ['.'] : files);
  await withoutTypes(results, linterOf({ ...tools, hasTypes: false }, folder, isStrict));
  const formatter = await linter.loadFormatter(format);
  const text = await formatter.format(results);
  if (text !== '') process.stdout.write(`${text.trimEnd()}\n`);
  if (tools.parser === null && results.some(({ messages }) => messages.some(isUnparsed)))
    process.stderr.write(
      'freehold: TypeScript files need a parser: npm install --save-dev typescript-eslint\n',
    );
  return results.some(({ errorCount }) => errorCount > 0) ? FOUND : CLEAN;
}

/** Files that no `tsconfig.json` includes have no types: they are looked at without. */
async function withoutTypes(results: ESLint.LintResult[], linter: ESLint): Promise<void> {
  for (const [index, { filePath, messages }] of results.entries()) {
    if (!messages.some((each) => isUnparsed(each) && each.message.includes('project service'))) continue;
    const [again] = await linter.lintFiles(filePath);
    if (again !== undefined) results[index] = again;
  }
}

function isUnparsed({ fatal }: Linter.LintMessage): boolean {
  return fatal === true;
}

function readArguments(args: readonly string[]): {
  values: { strict?: boolean; format?: string; help?: boolean; version?: boolean };
  positionals: string[];
} {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    const unknown = args.find(
      (each) => each.startsWith('--') && !((each.slice(2).split('=')[0] ?? '') in OPTIONS),
    );
    const near = unknown === undefined ? undefined : nearestOf(unknown.slice(2), Object.keys(OPTIONS));
    const hint = near === undefined ? '' : ` Did you mean '--${near}'?`;
    throw new UsageError(`${(error as Error).message.split('. ')[0] ?? ''}.${hint} See freehold --help.`);
  }
}

async function lint(linter: ESLint, files: string[]): Promise<ESLint.LintResult[]> {
  try {
    return await linter.lintFiles(files);
  } catch (error) {
    // No files at a path, or all of them ignored: what ESLint says is what there is to say.
    if ((error as { messageTemplate?: string }).messageTemplate === undefined) throw error;
    throw new UsageError((error as Error).message);
  }
}

function linterOf({ ESLint: Class, parser, hasTypes }: Tools, folder: string, isStrict: boolean): ESLint {
  const { recommended, strict } = plugin.configs;
  const types = hasTypes ? { projectService: true, tsconfigRootDir: folder } : {};
  const typescript: Linter.Config[] =
    parser === null ? [] : [{ files: [TYPESCRIPT], languageOptions: { parser, parserOptions: types } }];
  return new Class({
    cwd: folder,
    overrideConfigFile: true,
    // Comments that are for other rules than these are not unused.
    overrideConfig: [
      { linterOptions: { reportUnusedDisableDirectives: 'off' } },
      { files: [SCRIPTS], languageOptions: { ecmaVersion: 'latest' } },
      { files: ['**/*.cjs'], languageOptions: { sourceType: 'commonjs' } },
      { files: ['**/*.jsx'], languageOptions: { parserOptions: { ecmaFeatures: { jsx: true } } } },
      ...typescript,
      { ...(isStrict ? strict : recommended), files: parser === null ? [SCRIPTS] : [SCRIPTS, TYPESCRIPT] },
    ],
  });
}
