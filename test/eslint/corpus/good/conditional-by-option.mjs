// good
import { allocate, free } from 'freehold';

function run(options) {
  const log = options.verbose ? allocate(64) : undefined;
  if (options.verbose) log.write('begin');
  const result = options.size * 2;
  if (options.verbose) free(log);
  return result;
}

run({ verbose: true, size: 1 });
run({ verbose: false, size: 1 });
