import type { SourceCode } from 'eslint';

import { type Node, isFunction } from './ast.ts';
import { type Finding, type RuleName, Reporter } from './findings.ts';
import { Engine } from './flow/engine.ts';
import { enter, enterBlock, enterProgram } from './flow/entry.ts';
import { FileContext } from './flow/file.ts';
import { Summaries } from './flow/summaries.ts';
import { namesUs } from './model/modules.ts';
import { preferUsing } from './prefer-using.ts';
import { privateFields } from './private-fields.ts';

/** The analysis of one file: made once, whatever the number of rules that ask for it. */
export class Analysis {
  readonly #source: SourceCode;
  /** Functions, static blocks and the program, in the order in which ESLint's code path analysis begins them. */
  readonly #units: Node[] = [];
  #findings: ReadonlyMap<RuleName, readonly Finding[]> | undefined;

  constructor(source: SourceCode) {
    this.#source = source;
  }

  /** A code path has begun: of the program, or of a function. */
  add(unit: Node): void {
    this.#units.push(unit);
  }

  /** What was found for a rule. */
  findingsOf(rule: RuleName): readonly Finding[] {
    this.#findings ??= this.#run();
    return this.#findings.get(rule) ?? [];
  }

  #run(): ReadonlyMap<RuleName, readonly Finding[]> {
    const byRule = new Map<RuleName, Finding[]>();
    if (!mayConcern(this.#source)) return byRule;
    const file = new FileContext(this.#source);
    const reporter = new Reporter();
    const summaries = new Summaries();
    for (const unit of this.#units) {
      const engine = new Engine(file, summaries, reporter, unit);
      if (unit.type === 'Program') enterProgram(engine, unit.body, unit);
      else if (isFunction(unit)) enter(engine, unit);
      else if (unit.type === 'StaticBlock') enterBlock(engine, unit);
    }
    privateFields(file, reporter);
    preferUsing(file, reporter);
    for (const finding of reporter.findings()) {
      const known = byRule.get(finding.rule);
      if (known === undefined) byRule.set(finding.rule, [finding]);
      else known.push(finding);
    }
    return byRule;
  }
}

const analyses = new WeakMap<SourceCode, Analysis>();

/** The analysis of a file, and whether this call has begun it. */
export function analysisOf(source: SourceCode): { analysis: Analysis; isNew: boolean } {
  const known = analyses.get(source);
  if (known !== undefined) return { analysis: known, isNew: false };
  const analysis = new Analysis(source);
  analyses.set(source, analysis);
  return { analysis, isNew: true };
}

/** Whether there can be anything to find: the file names this package, or marks ownership, or types may lead to it. */
function mayConcern(source: SourceCode): boolean {
  const { text } = source;
  if (namesUs(text) || text.includes('@returnsOwnership') || text.includes('@takesOwnership')) return true;
  const services = source.parserServices as { program?: unknown } | undefined;
  return services?.program !== undefined && services.program !== null && /\bimport\b/.test(text);
}
