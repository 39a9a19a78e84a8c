/** A state of an arena to go back to. */
export interface SegmentPosition {
  /** Segments that are open. */
  readonly segments: number;
  /** The segment that is being filled, and how far. */
  readonly current: number;
  readonly cursor: number;
}

/** Where a mark stands in its arena. */
export interface MarkPosition extends SegmentPosition {
  readonly epoch: number;
}

/**
 * A place in an arena to go back to, made by `arena.mark()`. Valid until the arena is reset, or rewound to an earlier
 * mark; it may be rewound to any number of times. With `using`, the end of the scope rewinds.
 *
 * @example
 * ```ts
 * import { Arena } from 'freehold';
 * import assert from 'node:assert';
 *
 * using arena = new Arena();
 * const kept = arena.string('kept');
 * let scratch;
 * {
 *   using mark = arena.mark();
 *   scratch = arena.alloc(1000);
 * }
 * assert.equal(scratch.length, 0);
 * assert.equal(kept.toString(), 'kept');
 * ```
 */
export class ArenaMark implements Disposable {
  readonly #position: MarkPosition;
  readonly #rewind: (mark: ArenaMark) => void;
  #earlier: ArenaMark | null;
  #valid = true;

  /** @internal */
  constructor(position: MarkPosition, earlier: ArenaMark | null, rewind: (mark: ArenaMark) => void) {
    this.#position = position;
    this.#earlier = earlier;
    this.#rewind = rewind;
  }

  /** Rewinds the arena to this mark, which ends here; does nothing when the mark is not valid any more. */
  [Symbol.dispose](): void {
    if (this.#valid) this.#rewind(this);
  }

  /** @internal The position, or undefined for anything that is no valid mark. */
  static position(mark: unknown): MarkPosition | undefined {
    return typeof mark === 'object' && mark !== null && #position in mark && mark.#valid
      ? mark.#position
      : undefined;
  }

  /** @internal Whether `mark` is among `latest` and the valid marks before it. */
  static reaches(latest: ArenaMark | null, mark: ArenaMark): boolean {
    for (let each = latest; each !== null; each = each.#earlier) {
      if (each === mark) return true;
    }
    return false;
  }

  /** @internal Ends one mark; gives the one before it. */
  static drop(mark: ArenaMark): ArenaMark | null {
    const earlier = mark.#earlier;
    ArenaMark.end(mark, earlier);
    return earlier;
  }

  /** @internal Ends every mark from `latest` back to, and without, `until`. */
  static end(latest: ArenaMark | null, until: ArenaMark | null): void {
    for (let mark = latest; mark !== null && mark !== until;) {
      const earlier: ArenaMark | null = mark.#earlier;
      mark.#valid = false;
      mark.#earlier = null;
      mark = earlier;
    }
  }
}
