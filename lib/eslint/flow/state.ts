import type { Scope } from 'eslint';

import { type Thing, type ThingId, type Value, isSame, keyOf, thingsIn } from './value.ts';

/** A condition that was met on the way to a state, and the variables that it is about. */
interface Fact {
  readonly holds: boolean;
  readonly names: ReadonlySet<string>;
}

/** The most states that are followed side by side; with more, those that agree about memory lose what they disagree on. */
const MOST_STATES = 40;

/**
 * What is known at a point of the program, on one of the paths that lead there: which variable is what, the life of each thing,
 * and which conditions held on the way. Changed in place by what is executed; `fork` it where paths part.
 */
export class State {
  vars = new Map<Scope.Variable, Value>();
  /** What was stored at paths such as `this.page`, until somebody else may have changed it. */
  places = new Map<string, Value>();
  things = new Map<ThingId, Thing>();
  facts = new Map<string, Fact>();
  births = 0;

  /** A state that goes on by itself. */
  fork(): State {
    const copy = new State();
    copy.vars = new Map(this.vars);
    copy.places = new Map(this.places);
    copy.things = new Map(this.things);
    copy.facts = new Map(this.facts);
    copy.births = this.births;
    return copy;
  }

  /** A thing that is known to be there. */
  thing(id: ThingId): Thing {
    const thing = this.things.get(id);
    if (thing === undefined) throw new Error(`no thing ${id}`);
    return thing;
  }

  /** Changes a thing. */
  update(id: ThingId, change: Partial<Thing>): void {
    const thing = this.things.get(id);
    if (thing !== undefined) this.things.set(id, { ...thing, ...change });
  }

  /** Learns a condition. False when the opposite is known: then no program comes this way. */
  learn(key: string, names: ReadonlySet<string>, holds: boolean): boolean {
    const known = this.facts.get(key);
    if (known !== undefined) return known.holds === holds;
    this.facts.set(key, { holds, names });
    return true;
  }

  /** What was said of a variable does not hold any more. */
  forget(name: string): void {
    for (const [key, fact] of this.facts) if (fact.names.has(name)) this.facts.delete(key);
    for (const place of this.places.keys()) if (place.startsWith(`${name}.`)) this.places.delete(place);
  }

  /** The things that variables, places, other things and `besides` lead to. */
  reachable(besides: readonly Value[] = []): Set<ThingId> {
    const found = new Set<ThingId>();
    const visit = (id: ThingId): void => {
      if (found.has(id)) return;
      found.add(id);
      const thing = this.things.get(id);
      if (thing === undefined) return;
      for (const next of [thing.inner, thing.owner]) if (next !== undefined) visit(next);
      for (const cleanup of thing.cleanups) cleanup.args.flatMap(thingsIn).forEach(visit);
    };
    for (const value of this.vars.values()) thingsIn(value).forEach(visit);
    for (const thing of this.things.values()) if (thing.origin === 'outer') visit(thing.id);
    for (const value of this.places.values()) thingsIn(value).forEach(visit);
    for (const value of besides) thingsIn(value).forEach(visit);
    // What a scope that lives has to end is reached through it, and it through a variable.
    for (const thing of this.things.values())
      if (thing.owner !== undefined && found.has(thing.owner)) visit(thing.id);
    return found;
  }

  /** The part of the state that says what became of memory: states that agree in it are merged. */
  memoryKey(): string {
    const parts: string[] = [];
    for (const [variable, value] of this.vars) {
      if (thingsIn(value).length > 0) parts.push(`${variable.name}@${positionOf(variable)}=${keyOf(value)}`);
    }
    for (const [place, value] of this.places) parts.push(`${place}=${keyOf(value)}`);
    for (const thing of this.things.values()) {
      const { id, status, duty, owner, inner, lent, kept, io, handles, at } = thing;
      parts.push(
        `${id}:${status}:${duty}:${owner ?? ''}:${inner ?? ''}:${lent === undefined ? '' : 'lent'}:${kept.length}:${io.length}:${handles}:${at?.range?.[0] ?? ''}:${thing.cleanups.length}`,
      );
    }
    return parts.sort().join('|');
  }

  /** All of it, to know whether a loop has been here before. */
  fullKey(): string {
    const parts: string[] = [];
    for (const [variable, value] of this.vars)
      parts.push(`${variable.name}@${positionOf(variable)}=${keyOf(value)}`);
    for (const [key, { holds }] of this.facts) parts.push(`${key}?${holds}`);
    return `${this.memoryKey()}#${parts.sort().join('|')}`;
  }

  /** Keeps what both states say. */
  meet(other: State): void {
    for (const [variable, value] of this.vars) {
      const theirs = other.vars.get(variable);
      if (theirs === undefined || !isSame(value, theirs)) this.vars.delete(variable);
    }
    for (const [key, fact] of this.facts) {
      if (other.facts.get(key)?.holds !== fact.holds) this.facts.delete(key);
    }
    this.births = Math.max(this.births, other.births);
  }
}

function positionOf(variable: Scope.Variable): number {
  return variable.defs[0]?.name.range?.[0] ?? 0;
}

/** Merges states that differ in nothing that memory depends on, as property simulation does. */
export function merge(states: readonly State[]): State[] {
  if (states.length < 2) return [...states];
  const merged = new Map<string, State>();
  for (const state of states) {
    const key = state.memoryKey();
    const known = merged.get(key);
    if (known === undefined) merged.set(key, state);
    else known.meet(state);
  }
  return [...merged.values()].slice(0, MOST_STATES);
}
