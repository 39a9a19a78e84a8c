import type { ChildResult } from '../../lib/child.ts';

/** What was seen of one fault in one mode. */
export type Outcome =
  /** The call that commits it throws an error of ours. */
  | { readonly kind: 'error'; readonly code: string; readonly message: string }
  /** It is done; a later call throws, `when` says which. */
  | { readonly kind: 'later'; readonly when: string; readonly code: string; readonly message: string }
  /** The process ends at once, with a report. */
  | { readonly kind: 'signal'; readonly signal: string; readonly report: string }
  /** Found and told when the process ends, or earlier on stderr. */
  | { readonly kind: 'told'; readonly status: number | null; readonly report: string }
  /** It does nothing to anybody. */
  | { readonly kind: 'prevented'; readonly seen: string }
  /** It does, and nobody says so. */
  | { readonly kind: 'undetected'; readonly seen: string };

/** What a row expects: texts that are exact, and patterns for the others. */
export type Expected =
  | { readonly kind: 'error'; readonly code: string; readonly message: RegExp }
  | { readonly kind: 'later'; readonly when: string; readonly code: string; readonly message: RegExp }
  | { readonly kind: 'signal'; readonly signal: string; readonly report: RegExp }
  | { readonly kind: 'told'; readonly status: number; readonly report: RegExp }
  | { readonly kind: 'prevented' | 'undetected'; readonly seen: string };

/** What a program has printed of a fault. */
type Line = Outcome & { readonly id: string };

/** What was seen of the faults that one child has committed. */
export function outcomesOf({ stdout, stderr, status, signal }: ChildResult): Map<string, Outcome> {
  const lines = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);
  const found = new Map<string, Outcome>(lines.map(({ id, ...outcome }) => [id, outcome]));
  if (signal !== null) return found.set('', { kind: 'signal', signal, report: stderr.trim() });
  // What the process says at its end is about the only fault that it has committed, if it says anything.
  if (stderr !== '')
    for (const id of found.keys()) found.set(id, { kind: 'told', status, report: stderr.trim() });
  return found;
}

/** A cell of the table in the documentation. */
export function cellOf(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'error':
      return short(outcome.code);
    case 'later':
      return `${short(outcome.code)} at ${outcome.when}`;
    case 'signal': {
      const title = /^freehold: ([^:]+): native (\w+)/.exec(outcome.report);
      return title === null ? outcome.signal : `${outcome.signal}, report "${title[1]}"`;
    }
    case 'told':
      return outcome.report.startsWith('freehold: found at exit') ? '`CORRUPTION` at exit' : 'leak report';
    case 'prevented':
      return `no effect: ${plain(outcome.seen)}`;
    case 'undetected':
      return outcome.seen === '' ? '**undetected**' : `**undetected**: ${outcome.seen}`;
  }
}

function short(code: string): string {
  return `\`${code.replace('ERR_FREEHOLD_', '')}\``;
}

/** Codes and names of classes look like such. */
function plain(seen: string): string {
  return /^[A-Z]\w+$/.test(seen) ? `\`${seen}\`` : seen;
}
