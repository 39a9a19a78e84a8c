import type { Frame } from '../frames.ts';

/** One call on the way to an allocation. Its file is a URL (`file:`, `node:`) or a path. */
export type ProfileFrame = Frame;

/**
 * What one site of a program has allocated. Sizes and counts are whole numbers from 0 to 2^53-1.
 *
 * @example
 * ```ts
 * import type { SiteProfile } from './dist/debug/profile/site-profile.js';
 *
 * const site: SiteProfile = {
 *   frames: [{ functionName: 'readPacket', url: 'file:///app/net.js', line: 12, column: 30 }],
 *   kind: 'arena',
 *   liveBytes: 4096,
 *   liveBlocks: 1,
 *   totalBytes: 12288,
 *   totalBlocks: 3,
 * };
 * console.log(site.totalBytes / site.totalBlocks); // 4096
 * ```
 */
export interface SiteProfile {
  /** The calls, innermost first; none where nothing is known. */
  readonly frames: readonly ProfileFrame[];
  /** What kind of allocator: `'arena'`, `'pool'` and so on. */
  readonly kind: string;
  /** Bytes that are allocated and not freed. */
  readonly liveBytes: number;
  /** Blocks that are allocated and not freed. */
  readonly liveBlocks: number;
  /** Bytes ever allocated, freed or not. */
  readonly totalBytes: number;
  /** Blocks ever allocated, freed or not. */
  readonly totalBlocks: number;
}
