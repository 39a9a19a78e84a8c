// The sizes that a heap's small blocks come in, as `native/core/size_classes.h` has them: steps of 16 bytes up to 128, then
// eight steps to each doubling, so that no more than an eighth of a block is lost to rounding.

/** The largest small block, in bytes: what is above has pages of its own. */
export const MAX_SMALL_BYTES = 32 * 1024;
/** How many sizes there are. */
export const SIZE_CLASSES = 72;

const FINE_CLASSES = 8;
const FINE_BYTES = 128;
const FINE_STEP = 16;

/** The class of the smallest blocks that hold `bytes`, 1 to 32 KiB. */
export function classOf(bytes: number): number {
  const last = bytes - 1;
  if (last < FINE_BYTES) return last >> 4;
  const doubling = 31 - Math.clz32(last);
  return ((doubling - 7) << 3) + (last >> (doubling - 3));
}

/** The size of the blocks of a class, in bytes. */
export function classBytes(index: number): number {
  if (index < FINE_CLASSES) return (index + 1) * FINE_STEP;
  const doubling = (index - FINE_CLASSES) >> 3;
  const step = (index - FINE_CLASSES) & 7;
  return (FINE_BYTES << doubling) + (step + 1) * (FINE_STEP << doubling);
}
