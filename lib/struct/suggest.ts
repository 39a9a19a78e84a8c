import { closest, distance } from 'fastest-levenshtein';

/** What a name may have been meant to be, for a message; nothing when no field's name comes near. */
export function suggest(name: string, fields: readonly { readonly name: string }[]): string {
  const names = fields.map((field) => field.name);
  if (names.length === 0) return '';
  const nearest = closest(name, names);
  return distance(name, nearest) <= Math.max(2, nearest.length / 2)
    ? `; did you mean '${nearest}'?`
    : `; it has ${names.join(', ')}`;
}
