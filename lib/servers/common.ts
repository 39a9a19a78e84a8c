// What the adapters have in common whose requests are node:http's own.
export { type BodyRequest, type ReadBodyOptions, readBody, readJson, readText } from './body.ts';
export {
  type CompressOptions,
  type CompressionFormat,
  type DecompressOptions,
  compress,
  decompress,
} from './compress.ts';
export { currentArena } from './context.ts';
export type { ArenasOptions, LazyArenasOptions, LimitListener } from './options.ts';
