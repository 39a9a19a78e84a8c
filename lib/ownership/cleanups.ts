import { disposedOf } from '../validate.ts';
import { Cleanup, CleanupKind } from './cleanup.ts';
import * as errors from './errors.ts';
import type { Owner } from './owner.ts';
import { type ScopeOptions, type ScopeReport, type ScopeState, failsUnlessSaid } from './scope-options.ts';
import { keepShape } from './shapes.ts';

/** Where a scope is in its life. */
const enum Phase {
  OPEN,
  ENDED,
  TRANSFERRED,
}

/**
 * What the two classes of scopes have in common: a list of cleanups, and whether the scope has failed. They have one, and are
 * not derived from it: a derived class costs 15 ns more for each object.
 */
export class Cleanups {
  // Not private: programs have no way to it, and each access would be checked.
  top: Cleanup | null = null;
  phase: Phase = Phase.OPEN;
  failed = false;

  constructor(options: ScopeOptions | undefined) {
    if (options !== undefined) this.failed = failsUnlessSaid(options);
  }

  /** Throws when the scope is over. */
  checkOpen(): void {
    if (this.phase === Phase.ENDED) throw disposedOf('a scope');
    if (this.phase === Phase.TRANSFERRED) throw errors.wasTransferred();
  }

  /** Adds a cleanup. */
  add(kind: CleanupKind, run: unknown, value: unknown): void {
    if (this.phase !== Phase.OPEN) this.checkOpen();
    this.top = new Cleanup(this.top, kind, run, value);
  }

  /** Adds the end of what a handle owns. */
  addOwned(handle: Owner<unknown>, resource: unknown): void {
    try {
      this.add(CleanupKind.OWNED, handle, resource);
    } catch (error) {
      handle.release(); // A getter of the resource has ended the scope: it stays the caller's.
      throw error;
    }
  }

  /** Takes the cleanup of a value back. */
  remove(value: unknown): Cleanup {
    this.checkOpen();
    let above: Cleanup | null = null;
    for (let each = this.top; each !== null; above = each, each = each.next) {
      if (each.value !== value || each.kind < CleanupKind.ADOPTED) continue;
      if (above === null) this.top = each.next;
      else above.next = each.next;
      return each;
    }
    throw errors.notInScope(value);
  }

  /** The scope has succeeded, and all but what was for its failure is now to be done by another, before what that has. */
  transferTo(target: Cleanups): void {
    this.checkOpen();
    target.checkOpen();
    if (target === this) throw errors.toItself();
    const first = withoutErrdefers(this.top);
    this.top = null;
    this.phase = Phase.TRANSFERRED;
    this.failed = false;
    if (first === null) return;
    let last = first;
    while (last.next !== null) last = last.next;
    last.next = target.top;
    target.top = first;
  }

  /** The scope ends, and nothing can be added any more. The first of what is to be done; null when there is nothing, or no more. */
  close(): Cleanup | null {
    const top = this.top;
    this.top = null;
    if (this.phase === Phase.OPEN) this.phase = Phase.ENDED;
    return top;
  }

  get state(): ScopeState {
    return this.phase === Phase.OPEN ? 'open' : this.phase === Phase.ENDED ? 'ended' : 'transferred';
  }

  get pending(): number {
    let count = 0;
    for (let each = this.top; each !== null; each = each.next) count++;
    return count;
  }

  /** For logs. */
  report(): ScopeReport {
    return { state: this.state, failed: this.failed, pending: this.pending };
  }

  /** As `util.inspect` shows it. */
  show(className: string): string {
    return `${className} { ${this.state}, ${this.pending} pending${this.failed ? ', failed' : ''} }`;
  }
}

/** The list without what is for failures alone. */
function withoutErrdefers(top: Cleanup | null): Cleanup | null {
  let first = top;
  while (first?.kind === CleanupKind.CALL_ON_FAILURE) first = first.next;
  for (let each = first; each !== null; each = each.next)
    while (each.next?.kind === CleanupKind.CALL_ON_FAILURE) each.next = each.next.next;
  return first;
}

keepShape(new Cleanups(undefined));
