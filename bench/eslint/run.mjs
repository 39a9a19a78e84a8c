// @ts-check
// Lints the project of bench/eslint/lint.mjs once, with the rules of freehold/eslint or without, and says how long that took.
import { ESLint } from 'eslint';
import freehold from 'freehold/eslint';
import tseslint from 'typescript-eslint';

const [folder, how] = process.argv.slice(2);
const linter = new ESLint({
  cwd: folder,
  overrideConfigFile: true,
  overrideConfig: /** @type {import('eslint').Linter.Config[]} */ ([
    ...tseslint.configs.recommendedTypeChecked,
    {
      files: ['**/*.ts'],
      languageOptions: { parserOptions: { project: ['tsconfig.json'], tsconfigRootDir: folder } },
    },
    ...(how === 'with' ? [freehold.configs.strict] : []),
  ]),
});
const begin = process.cpuUsage();
const results = await linter.lintFiles(['.']);
// Of the processor and not of the clock: other programs run, too.
const { user, system } = process.cpuUsage(begin);
const seconds = (user + system) / 1e6;
const fatal = results.flatMap(({ messages }) => messages).find((each) => each.fatal === true);
if (fatal !== undefined) throw new Error(fatal.message);
let findings = 0;
for (const { errorCount } of results) findings += errorCount;
if (process.argv.includes('--show'))
  for (const { filePath, messages } of results.slice(0, 4))
    for (const { line, ruleId, message } of messages)
      console.log(`${filePath}:${line} ${ruleId}: ${message}`);
process.send?.({ seconds, findings });
if (process.send === undefined) console.log({ seconds, findings });
