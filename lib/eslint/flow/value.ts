import type { FunctionNode, Node } from '../ast.ts';
import type { AllocatorKind, Duty, ThingKind } from '../model/kinds.ts';

/** The name of a thing in the states of one analysis. */
export type ThingId = string;

/** What an expression may be, as far as memory goes. */
export type Value =
  | { readonly is: 'unknown' }
  /** Null or undefined; `from` is the allocation that may give it. */
  | { readonly is: 'null'; readonly from?: Node }
  | { readonly is: 'boolean'; readonly value: boolean }
  | { readonly is: 'thing'; readonly id: ThingId }
  /** A view of a part of a block. */
  | { readonly is: 'part'; readonly of: ThingId }
  | { readonly is: 'function'; readonly node: FunctionNode }
  /** A function that `returnsOwnership` or `takesOwnership` has made of another. */
  | { readonly is: 'marked'; readonly fn: Node; readonly returns: boolean; readonly takes: readonly number[] }
  /** An object or array literal with something in it that matters. */
  | { readonly is: 'bundle'; readonly fields: ReadonlyMap<string, Value> }
  /** A promise, while whose work the blocks in `uses` are read or written. */
  | { readonly is: 'promise'; readonly uses: readonly ThingId[]; readonly result: Value }
  /** A `FileHandle` of node, whose methods do I/O. */
  | { readonly is: 'file' }
  /** A function of another module: of this package, or of node. */
  | { readonly is: 'import'; readonly module: string; readonly name: string };

export const UNKNOWN: Value = { is: 'unknown' };
export const NULL: Value = { is: 'null' };
export const TRUE: Value = { is: 'boolean', value: true };
export const FALSE: Value = { is: 'boolean', value: false };

/** Where a thing is in its life. `'gone'` is one that was told of already, or cannot be followed any further. */
export type Status = 'live' | 'freed' | 'moved' | 'ended' | 'gone';

/** I/O that still reads or writes a block. */
export interface PendingIo {
  readonly node: Node;
  readonly name: string;
  /** Whether the program can await it. */
  readonly isPromise: boolean;
}

/** Where something was kept that outlives the function, or was captured by a function that runs later. */
export interface Kept {
  readonly node: Node;
  readonly how: 'stored' | 'captured';
  /** The path that it was stored at, for as long as nothing else is stored there: `this.page`. */
  readonly place: string | null;
}

/** A resource that is followed. Immutable: states share it. */
export interface Thing {
  readonly id: ThingId;
  readonly what: ThingKind;
  /** The expression that has made it, or brought it in. */
  readonly site: Node;
  /** What the program calls it. */
  readonly name: string;
  readonly kind: AllocatorKind | undefined;
  readonly duty: Duty;
  readonly status: Status;
  /** What has changed its status, and in which words that is told: "freed", "moved by move()". */
  readonly at: Node | undefined;
  readonly by: string;
  /** The allocator that it comes from; of a mark and of a pin, what they are of. */
  readonly from: ThingId | undefined;
  /** What the handle owns, or the borrow shows. */
  readonly inner: ThingId | undefined;
  /** The handle or scope that ends it. */
  readonly owner: ThingId | undefined;
  /** Functions that it runs at its end, the last first: of scopes and of what `defer` returns. */
  readonly cleanups: readonly Cleanup[];
  /** The order of births in a state, for marks. */
  readonly birth: number;
  /** A call that has got it and may keep it. */
  readonly lent: Node | undefined;
  readonly kept: readonly Kept[];
  readonly io: readonly PendingIo[];
  /** Whether I/O was ever done with it, for summaries of functions. */
  readonly didIo: boolean;
  /** How many releases end it, of an `Rc`. */
  readonly handles: number;
  /** Whether a scope does at its end what was to be done after a failure. */
  readonly hasFailed: boolean;
  readonly origin: 'made' | 'parameter' | 'outer';
}

/** What a scope does at its end. */
export interface Cleanup {
  readonly fn: FunctionNode;
  /** What it is called with. */
  readonly args: readonly Value[];
  readonly onlyIfFailed: boolean;
}

/** A thing with what is usual in all that is not given. */
export function makeThing(given: Pick<Thing, 'id' | 'what' | 'site' | 'name'> & Partial<Thing>): Thing {
  return {
    kind: undefined,
    duty: 'none',
    status: 'live',
    at: undefined,
    by: '',
    from: undefined,
    inner: undefined,
    owner: undefined,
    cleanups: [],
    birth: 0,
    lent: undefined,
    kept: [],
    io: [],
    didIo: false,
    handles: 1,
    hasFailed: false,
    origin: 'made',
    ...given,
  };
}

/** The things in a value, functions apart. */
export function thingsIn(value: Value): ThingId[] {
  switch (value.is) {
    case 'thing':
      return [value.id];
    case 'part':
      return [value.of];
    case 'bundle':
      return [...value.fields.values()].flatMap(thingsIn);
    case 'promise':
      return [...value.uses, ...thingsIn(value.result)];
    default:
      return [];
  }
}

/** Whether two values are the same. */
export function isSame(a: Value, b: Value): boolean {
  return a === b || keyOf(a) === keyOf(b);
}

/** A text that is the same for values that are the same, and that matter; empty for the unknown. */
export function keyOf(value: Value): string {
  switch (value.is) {
    case 'unknown':
      return '';
    case 'null':
      return value.from === undefined ? 'null' : 'null?';
    case 'boolean':
      return String(value.value);
    case 'thing':
      return value.id;
    case 'part':
      return `part ${value.of}`;
    case 'function':
      return `fn ${String(value.node.range?.[0])}`;
    case 'marked':
      return `marked ${String(value.fn.range?.[0])}`;
    case 'bundle':
      return `{${[...value.fields].map(([name, each]) => `${name}:${keyOf(each)}`).join()}}`;
    case 'promise':
      return `promise ${value.uses.join()} ${keyOf(value.result)}`;
    case 'file':
      return 'file';
    case 'import':
      return `${value.module}.${value.name}`;
  }
}
