/** How a resource ends. */
export class Ending {
  constructor(
    /** Ends it at once; undefined for what only ends asynchronously. */
    readonly sync: ((resource: never) => unknown) | undefined,
    /** Ends it, in the end of the promise that it returns; undefined for what has no such way. */
    readonly async: ((resource: never) => unknown) | undefined,
    /** Whether the two take the resource as their receiver, as its own methods do, and not as an argument. */
    readonly isMethod: boolean,
  ) {}
}

/** Calls one of the two. */
export function runEnding(ending: Ending, end: (resource: never) => unknown, resource: unknown): unknown {
  return ending.isMethod ? Reflect.apply(end, resource, []) : end(resource as never);
}
