import { FreeholdError } from './errors.ts';
import { checkAlignment, checkFlag, checkLimit, checkName, checkSize, readOptions } from './validate.ts';

/** The largest block of a pool, in bytes: 1 GiB. */
const MAX_BLOCK_BYTES = 2 ** 30;
/** The most slots that a pool can have. */
const MAX_SLOTS = 2 ** 30;

/** How a pool works. All sizes are bytes. */
export interface PoolOptions {
  /** The size of its blocks: 1 byte to 1 GiB. */
  blockBytes: number;
  /** What blocks begin at multiples of: a power of two up to 2 MiB. Blocks are padded to it. Default: 16. */
  alignment?: number;
  /** The most blocks that may live at a time. Default: Infinity, which is 2^30. */
  maxBlocks?: number;
  /** With `false` the pool takes all memory for `maxBlocks` when it is made, and never more. Default: true. */
  growable?: boolean;
  /** For how many blocks there is memory from the start. Default: 0. */
  preheat?: number;
  /** About how much memory is taken at a time; never less than for 8 blocks. Default: 256 KiB. */
  slabBytes?: number;
  /** A name for messages and figures. Default: `'pool'`. */
  name?: string;
}

/** Options that were read and checked. */
export type PoolSettings = Required<PoolOptions>;

/** The settings of a new pool. */
export function readPoolOptions(options: PoolOptions): PoolSettings {
  const read = readOptions<Partial<PoolOptions>>(
    options,
    ['blockBytes', 'alignment', 'maxBlocks', 'growable', 'preheat', 'slabBytes', 'name'],
    'Pool',
  );
  const {
    blockBytes,
    alignment = 16,
    maxBlocks = Infinity,
    growable = true,
    preheat = 0,
    slabBytes = 256 * 1024,
    name = 'pool',
  } = read;
  const bytes = checkSize(blockBytes, 'blockBytes');
  if (bytes === 0 || bytes > MAX_BLOCK_BYTES) throw outside('blockBytes', `1 to ${MAX_BLOCK_BYTES}`, bytes);
  const most = Math.min(checkLimit(maxBlocks, 'maxBlocks'), MAX_SLOTS);
  if (most === 0) throw outside('maxBlocks', `1 to ${MAX_SLOTS}, or Infinity`, most);
  const settings = {
    blockBytes: bytes,
    alignment: checkAlignment(alignment),
    maxBlocks: most,
    growable: checkFlag(growable, 'growable'),
    preheat: checkSize(preheat, 'preheat'),
    slabBytes: checkSize(slabBytes, 'slabBytes'),
    name: checkName(name),
  };
  if (settings.preheat > most) throw outside('preheat', `0 to maxBlocks (${most})`, settings.preheat);
  if (!settings.growable && maxBlocks === Infinity) {
    throw new FreeholdError(
      'ERR_FREEHOLD_INVALID_ARGUMENT',
      'a pool that is not growable needs maxBlocks: how many blocks it is to have',
    );
  }
  return settings;
}

function outside(what: string, range: string, value: number): FreeholdError {
  return new FreeholdError('ERR_FREEHOLD_INVALID_SIZE', `${what} must be from ${range}, but is ${value}`);
}
