import { nearestOf } from '../nearest.ts';

/** What a name may have been meant to be, for a message; what there is when no field's name comes near. */
export function suggest(name: string, fields: readonly { readonly name: string }[]): string {
  const names = fields.map((field) => field.name);
  if (names.length === 0) return '';
  const nearest = nearestOf(name, names);
  return nearest === undefined ? `; it has ${names.join(', ')}` : `; did you mean '${nearest}'?`;
}
