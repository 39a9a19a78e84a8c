import fc from 'fast-check';

import type { ProfileFrame, SiteProfile } from '../../../../dist/debug/profile/site-profile.js';

/** `name url:line:column` as a frame; `-` is a name that is not known. */
export function frame(text: string): ProfileFrame {
  const { name, url, line, column } = /^(?<name>[^]*?) (?<url>[^]*):(?<line>\d+):(?<column>\d+)$/.exec(
    text,
  )!.groups!;
  return { functionName: name === '-' ? '' : name, url, line: Number(line), column: Number(column) };
}

/** A site with the frames, innermost first, and figures that are all different. */
export function site(frames: readonly string[], figures: Partial<SiteProfile> = {}): SiteProfile {
  return {
    frames: frames.map(frame),
    kind: 'arena',
    liveBytes: 300,
    liveBlocks: 3,
    totalBytes: 700,
    totalBlocks: 7,
    ...figures,
  };
}

const size = fc.maxSafeNat();

/** Any site with names of functions and of files, in any script. */
export const anySite: fc.Arbitrary<SiteProfile> = fc.record({
  frames: fc.array(
    fc.record({
      functionName: fc.string({ minLength: 1, unit: 'binary' }),
      url: fc.string({ unit: 'binary' }).map((text) => `x:${text}`), // Neither a path nor a `file:` URL.
      line: fc.nat(),
      column: fc.nat(),
    }),
    { minLength: 1 },
  ),
  kind: fc.string({ minLength: 1 }),
  liveBytes: size,
  liveBlocks: size,
  totalBytes: size,
  totalBlocks: size,
});
