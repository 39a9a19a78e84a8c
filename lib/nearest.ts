import { closest, distance } from 'fastest-levenshtein';

/** The one of `names` that `name` was probably meant to be; undefined when none comes near. */
export function nearestOf(name: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const nearest = closest(name, [...names]);
  return distance(name, nearest) <= Math.max(2, nearest.length / 2) ? nearest : undefined;
}
