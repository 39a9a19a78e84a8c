// @ts-check
// The benchmarks: a group is a folder here and a file of results in bench/results.

/**
 * The questions of each group, in the order in which they are asked.
 * @type {Record<string, readonly string[]>}
 */
export const GROUPS = {
  arena: ['bump', 'blocks', 'reset', 'request-loop'],
  pool: ['pairs', 'live-set', 'many'],
  heap: ['pairs', 'live-set', 'many', 'trace', 'fragmentation'],
  rc: ['counts', 'trees', 'cycles', 'pauses'],
  strategy: ['scopes'],
  ownership: ['handles', 'scopes'],
  struct: ['fields', 'lifetime'],
  debug: ['recording', 'sampling', 'instructions'],
  http: ['heavy', 'medium', 'light'],
  ffi: ['pass', 'libraries'],
  chooser: ['cost'],
  eslint: ['lint'],
};

/**
 * What node is started with for some of them.
 * @type {Record<string, readonly string[]>}
 */
export const OPTIONS = {
  // 10 million Blocks are more JavaScript objects than V8 allows by itself.
  many: ['--max-old-space-size=6144'],
};
