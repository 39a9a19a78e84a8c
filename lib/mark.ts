import { inspect } from 'node:util';

import { wrongReceiverOf } from './validate.ts';

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

let isMark: (value: unknown) => value is ArenaMark;
/** The position, or undefined for anything that is no valid mark. */
export let markPosition: (mark: unknown) => MarkPosition | undefined;
/** Whether `mark` is among `latest` and the valid marks before it. */
export let reachesMark: (latest: ArenaMark | null, mark: ArenaMark) => boolean;
/** Ends one mark; gives the one before it. */
export let dropMark: (mark: ArenaMark) => ArenaMark | null;
/** Ends every mark from `latest` back to, and without, `until`. */
export let endMarks: (latest: ArenaMark | null, until: ArenaMark | null) => void;

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
    if (!isMark(this)) throw wrongReceiverOf('ArenaMark', this);
    if (this.#valid) this.#rewind(this);
  }

  /** Whether the mark can still be rewound to, for logs. */
  toJSON(): { valid: boolean } {
    if (!isMark(this)) throw wrongReceiverOf('ArenaMark', this);
    return { valid: this.#valid };
  }

  [inspect.custom](): string {
    if (!isMark(this)) throw wrongReceiverOf('ArenaMark', this);
    return `ArenaMark { ${this.#valid ? 'valid' : 'not valid'} }`;
  }

  // What arenas do with marks, out of reach of programs: where a mark stands must not be theirs to change.
  static {
    isMark = (value): value is ArenaMark => typeof value === 'object' && value !== null && #position in value;

    markPosition = (mark) => (isMark(mark) && mark.#valid ? mark.#position : undefined);

    reachesMark = (latest, mark) => {
      for (let each = latest; each !== null; each = each.#earlier) {
        if (each === mark) return true;
      }
      return false;
    };

    dropMark = (mark) => {
      const earlier = mark.#earlier;
      endMarks(mark, earlier);
      return earlier;
    };

    endMarks = (latest, until) => {
      for (let mark = latest; mark !== null && mark !== until;) {
        const earlier: ArenaMark | null = mark.#earlier;
        mark.#valid = false;
        mark.#earlier = null;
        mark = earlier;
      }
    };
  }
}
