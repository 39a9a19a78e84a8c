import { fallback, failing, limited, logging, tracking } from 'freehold';
import {
  type Conforming,
  type MakeOptions,
  STRICT,
  type Specimen,
  type Subject,
  type Traits,
} from './subject.ts';

/** One kind of wrapper, and how it is put around an allocator. */
interface Wrapping {
  readonly title: string;
  readonly wrap: (make: (options: MakeOptions) => Specimen, options: MakeOptions) => Specimen;
  /** What it makes of the traits of what is below, besides that it keeps a record of each block. */
  readonly traits?: (below: Traits) => Partial<Traits>;
}

const disposeInner = true;

/** A wrapper over one allocator, which leaves the bounds to it. */
function over(wrap: (inner: Conforming) => Conforming): Wrapping['wrap'] {
  return (make, options) => {
    const { allocator, bases } = make(options);
    return { allocator: wrap(allocator), bases: [allocator, ...bases] };
  };
}

const wrappings: readonly Wrapping[] = [
  {
    title: 'limited',
    wrap(make, { bytes = 2 ** 50, ...options }) {
      return over((inner) => limited(inner, bytes, { disposeInner }))(make, options);
    },
    traits: () => ({ bounded: true }),
  },
  { title: 'failing', wrap: over((inner) => failing(inner, { disposeInner })) },
  {
    title: 'fallback',
    wrap(make, { bytes = Infinity, ...options }) {
      // The first is soon full, so that both have blocks.
      const small = Math.min(4096, bytes / 2);
      const first = make({ ...options, bytes: small });
      const second = make(bytes === Infinity ? options : { ...options, bytes: bytes - small });
      const allocator = fallback(first.allocator, second.allocator, { disposeInner });
      return { allocator, bases: [first.allocator, second.allocator, ...first.bases, ...second.bases] };
    },
    // It also takes what it did not hand out itself: what that is, only those below can say.
    traits: ({ knowsArrays }) => ({ knowsArrays }),
  },
  { title: 'tracking', wrap: over((inner) => tracking(inner, { disposeInner })) },
  { title: 'logging', wrap: over((inner) => logging(inner, () => {}, { disposeInner })) },
];

/** A subject under each wrapper. A wrapper keeps a record of each block, whatever the allocator below knows. */
export function wrapped(subject: Subject, effort: number): Subject[] {
  const { detects, owns, knowsArrays } = STRICT;
  return wrappings.map(({ title, wrap, traits }) => ({
    title: `${title}(${subject.title})`,
    traits: { ...subject.traits, detects, owns, knowsArrays, ...traits?.(subject.traits) },
    effort,
    make: (options = {}) => wrap((inner) => subject.make(inner), options),
  }));
}
