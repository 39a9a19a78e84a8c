import type { Node } from './ast.ts';

/** The rules, by their ids without the name of the plugin. */
export const RULE_NAMES = [
  'no-leak',
  'no-double-free',
  'no-use-after-free',
  'no-arena-escape',
  'require-ownership',
  'no-conditional-free',
  'no-unpinned-io',
  'no-reassign-owned',
  'prefer-using',
  'check-allocation',
] as const;

/** The id of a rule. */
export type RuleName = (typeof RULE_NAMES)[number];

/** Something to be told. */
export interface Finding {
  readonly rule: RuleName;
  readonly node: Node;
  readonly message: string;
  /** What the rule needs for its suggestions. */
  readonly data?: FindingData;
  /** Whether only those want to hear of it who want to hear of more than what is certain. */
  readonly isStrict?: boolean;
}

/** What suggestions are made of. */
export interface FindingData {
  /** I/O that can be awaited. */
  readonly isPromise?: boolean;
  /** The block that escapes, and its arena, as the program calls them. */
  readonly arena?: string;
  /** A node to put into `arena.promote(…)`. */
  readonly promoted?: Node;
  /** The allocation of what is lost. */
  readonly site?: Node;
  /** Whether the lost value has a `[Symbol.dispose]`. */
  readonly name?: string;
}

/** A path on which something is lost. */
export interface LeakPath {
  /** Where it leaves. */
  readonly line: number;
  readonly text: string;
}

interface Leak {
  readonly name: string;
  readonly what: string;
  readonly paths: Map<string, LeakPath>;
  isStrict: boolean;
}

/** Collects what is found, each once, wherever paths meet it again. */
export class Reporter {
  readonly #findings = new Map<string, Finding>();
  readonly #leaks = new Map<Node, Leak>();
  /** What was made somewhere, and the places that end it. */
  readonly ends = new Map<Node, Set<Node>>();

  /** A finding. The first of a rule at a place stands. */
  found(finding: Finding): void {
    const key = `${finding.rule} ${finding.node.range?.join() ?? ''}`;
    const known = this.#findings.get(key);
    if (known === undefined || (known.isStrict === true && finding.isStrict !== true))
      this.#findings.set(key, finding);
  }

  /** What was made at `site` ends at `node`. */
  ended(site: Node, node: Node): void {
    const known = this.ends.get(site);
    if (known === undefined) this.ends.set(site, new Set([node]));
    else known.add(node);
  }

  /** A path on which the thing made at `site` is lost. */
  leak(site: Node, name: string, what: string, path: LeakPath, isStrict: boolean): void {
    let leak = this.#leaks.get(site);
    if (leak === undefined) this.#leaks.set(site, (leak = { name, what, paths: new Map(), isStrict }));
    // What is certain of one path is worth more than what may be of another.
    if (leak.isStrict && !isStrict) leak.paths.clear();
    if (!leak.isStrict && isStrict) return;
    leak.isStrict = isStrict;
    leak.paths.set(path.text, path);
  }

  /** All that was found. */
  findings(): Finding[] {
    for (const [site, { name, what, paths, isStrict }] of this.#leaks) {
      const sorted = [...paths.values()].sort((a, b) => a.line - b.line);
      const [first, ...others] = sorted;
      if (first === undefined) continue;
      const more =
        others.length === 0
          ? ''
          : ` (and on ${others.length} more: line ${others.map(({ line }) => line).join(', ')})`;
      this.found({
        rule: 'no-leak',
        node: site,
        message: `\`${name}\` (${what}) is never freed, disposed or handed on when the path leaves ${first.text}${more}.`,
        isStrict,
        data: { site, name },
      });
    }
    this.#leaks.clear();
    return [...this.#findings.values()];
  }
}
