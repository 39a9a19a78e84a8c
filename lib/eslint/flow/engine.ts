import type { FunctionNode, Node } from '../ast.ts';
import type { Reporter } from '../findings.ts';
import type { FileContext } from './file.ts';
import { type State, merge } from './state.ts';
import type { Summaries } from './summaries.ts';
import { type Thing, type Value, makeThing } from './value.ts';

/** What an expression has given on one path. */
export interface Result {
  readonly state: State;
  readonly value: Value;
  /** The rest of the optional chain is not evaluated. */
  readonly isShort?: boolean;
}

/** A path that leaves a statement in another way than by its end. */
export interface Exit {
  readonly kind: 'return' | 'throw' | 'break' | 'continue';
  readonly label: string | null;
  readonly state: State;
  readonly value: Value;
  /** The statement, or the call that may throw. */
  readonly node: Node;
  /** A call that may throw, and not a `throw` of the program. */
  readonly isImplicit: boolean;
}

/** The paths out of a statement. */
export interface Outcome {
  readonly normal: State[];
  readonly exits: Exit[];
}

/** Where paths go on that leave by a call that may throw. */
export interface Sink {
  readonly exits: Exit[];
  /** Whether some `catch` of the function will see it: then the program goes on. */
  readonly isCaught: boolean;
}

/** The most calls of functions in functions that are followed at the place of the call. */
export const DEEPEST = 4;

/** How much work the analysis of one function may be, in nodes: more is left, and what was found stands. */
const MOST_STEPS = 60_000;

/** The analysis of one function: executes it with states in the place of values. */
export class Engine {
  readonly file: FileContext;
  readonly summaries: Summaries;
  /** Null while a function is only summed up. */
  readonly reporter: Reporter | null;
  /** The function, or the program. */
  readonly root: Node;
  sink: Sink | null = null;
  /** Functions that are followed now, at the places of their calls. */
  readonly inlined: FunctionNode[] = [];
  /** Statements that some path has reached, for those who ask. */
  visited: Set<Node> | null = null;
  /** Calls that are expected to throw: nothing is told of what is in them. */
  muted = 0;
  #steps = 0;

  constructor(file: FileContext, summaries: Summaries, reporter: Reporter | null, root: Node) {
    this.file = file;
    this.summaries = summaries;
    this.reporter = reporter;
    this.root = root;
  }

  /** Whether there is to be no more work. */
  get isExhausted(): boolean {
    return ++this.#steps > MOST_STEPS;
  }

  /** The reporter, unless nothing is to be told now. */
  get voice(): Reporter | null {
    return this.muted > 0 ? null : this.reporter;
  }

  /** A new thing in a state. */
  born(state: State, site: Node, given: Partial<Thing> & Pick<Thing, 'what' | 'name'>): Thing {
    const base = `${given.what}@${site.range?.[0] ?? 0}${given.inner === undefined ? '' : 'h'}`;
    let id = base;
    // The same place in a loop makes another one each time. Beyond some, the oldest is not followed any more.
    for (let nth = 2; state.things.has(id); nth++) id = `${base}#${nth}`;
    const thing = makeThing({ ...given, id, site, birth: ++state.births });
    state.things.set(id, thing);
    return thing;
  }

  /** Remembers that a call may throw here, when somebody is interested. */
  mayThrow(node: Node, state: State): void {
    if (this.sink === null || this.sink.exits.length > 300) return;
    this.sink.exits.push({
      kind: 'throw',
      label: null,
      state: state.fork(),
      value: { is: 'unknown' },
      node,
      isImplicit: true,
    });
  }
}

/** A result with one path. */
export function one(state: State, value: Value): Result[] {
  return [{ state, value }];
}

/** Goes on from each result. Not called `then`: a module with that would be taken for a promise by `import()`. */
export function forEachResult(results: readonly Result[], next: (result: Result) => Result[]): Result[] {
  const all: Result[] = [];
  for (const result of results) all.push(...next(result));
  return all;
}

/** The paths after others, each with its own exits. */
export function sequence(states: readonly State[], next: (state: State) => Outcome): Outcome {
  const normal: State[] = [];
  const exits: Exit[] = [];
  for (const state of states) {
    const outcome = next(state);
    normal.push(...outcome.normal);
    exits.push(...outcome.exits);
  }
  return { normal: merge(normal), exits };
}

/** Merges results that agree about memory and have the same value. */
export function mergeResults(results: readonly Result[], key: (value: Value) => string): Result[] {
  if (results.length < 8) return [...results];
  const groups = new Map<string, Result[]>();
  for (const result of results) {
    const of = `${key(result.value)} ${result.isShort === true}`;
    const group = groups.get(of);
    if (group === undefined) groups.set(of, [result]);
    else group.push(result);
  }
  return [...groups.values()].flatMap((group) => {
    const [{ value, isShort = false }] = group as [Result];
    return merge(group.map(({ state }) => state)).map((state) => ({ state, value, isShort }));
  });
}
