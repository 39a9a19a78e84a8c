/** How many blocks of about one size there were. */
export interface SizeCount {
  /** Sizes from half of this, exclusive, to this, in bytes: a power of two, or 0. */
  readonly upTo: number;
  readonly count: number;
}

/** Counts sizes by powers of two. */
export class SizeHistogram {
  readonly #counts: number[] = [];

  count(bytes: number): void {
    const index = bytes === 0 ? 0 : log2Ceil(bytes) + 1;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
  }

  counts(): SizeCount[] {
    return this.#counts.flatMap((count, index) => ({ upTo: index === 0 ? 0 : 2 ** (index - 1), count }));
  }
}

function log2Ceil(bytes: number): number {
  return bytes <= 2 ** 31 ? 32 - Math.clz32(bytes - 1) : Math.ceil(Math.log2(bytes));
}
