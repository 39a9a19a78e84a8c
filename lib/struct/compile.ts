import { Script } from 'node:vm';

import { FreeholdError } from '../errors.ts';
import { type Unit, type UnitShape, type UnitTools, makeUnit } from './unit.ts';

let units = 0;

/**
 * Calls `makeUnit`, compiled anew, so that the accessors of each layout have feedback and optimised code of their own. Not by
 * `eval` or `new Function`, which programs forbid (`--disallow-code-generation-from-strings`): `node:vm` is another matter, and no
 * text of the program's is in it. Where that does not work either, or the text of a function is not all of it (snapshots, bundlers
 * and coverage tools that write into it), all layouts share the one that there is: slower from the fifth on, and right.
 */
export function compileUnit(tools: UnitTools, shape: UnitShape): Unit {
  if (units++ === 0) return makeUnit(tools, shape);
  try {
    // V8 keeps what it has compiled by its text: the number makes it another.
    const script = new Script(`/* ${units} */ (${makeUnit.toString()})`, { filename: 'freehold-struct.js' });
    const unit = (script.runInThisContext() as typeof makeUnit)(tools, shape);
    if (works(unit, tools, shape)) return unit;
  } catch {
    // Then the shared one.
  }
  return makeUnit(tools, shape);
}

/** Whether everything in a unit that was compiled anew finds what it needs: each field of a struct without memory refuses in our words. */
function works(unit: Unit, { NO_MEMORY }: UnitTools, { fields }: UnitShape): boolean {
  const probe = unit.make(NO_MEMORY, -1, new Uint8Array(0));
  if (!unit.is(probe) || unit.offsetOf(probe) !== -1) return false;
  return fields.every(({ name }) => {
    try {
      Reflect.get(probe, name);
      return false;
    } catch (error) {
      return error instanceof FreeholdError;
    }
  });
}
