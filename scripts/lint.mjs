// npm run lint: eslint with the rules of the package itself, which are compiled first when that is due. Arguments are passed on.
import { at } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { ensureDependencies, ensureDist } from './lib/setup.mjs';

try {
  await ensureDependencies();
  await ensureDist();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
const files = process.argv.length > 2 ? process.argv.slice(2) : ['.'];
process.exitCode = await run(process.execPath, [at('node_modules/eslint/bin/eslint.js'), ...files]);
