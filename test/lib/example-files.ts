import { readFileSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** A file of examples/ that is a program of its own. */
export interface ExampleFile {
  readonly name: string;
  readonly url: URL;
  /** The sentence at its top. */
  readonly summary: string;
  /** What it says at its end that it prints, `…` for what depends on the machine. */
  readonly prints: readonly string[];
  /** The C libraries that it loads. */
  readonly libraries: readonly string[];
  /** What the type checker says against it. */
  readonly faults: string;
  /** Where it is TypeScript, the same in JavaScript that Node 20 understands. */
  readonly javascript: string | undefined;
}

const folder = new URL('../../examples/', import.meta.url);

/** The programs in examples/, checked by the very configuration that their readers compile them with. */
export function exampleFiles(): ExampleFile[] {
  const config = fileURLToPath(new URL('tsconfig.build.json', folder));
  const { config: settings } = ts.readConfigFile(config, ts.sys.readFile.bind(ts.sys)) as { config: object };
  const { options, fileNames } = ts.parseJsonConfigFileContent(settings, ts.sys, dirname(config));
  const program = ts.createProgram(fileNames, options);
  const host = ts.createCompilerHost(options);
  return namesIn('', 'ffi/').map((name) => {
    const url = new URL(name, folder);
    const file = program.getSourceFiles().find(({ fileName }) => fileName === fileURLToPath(url));
    if (file === undefined) throw new Error(`examples/tsconfig.build.json leaves ${name} out`);
    let javascript: string | undefined;
    if (name.endsWith('.ts')) program.emit(file, (_path, text) => (javascript = text));
    const diagnostics = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    const faults = ts.formatDiagnostics(diagnostics, host);
    const source = readFileSync(url, 'utf8');
    const libraries = [...source.matchAll(/koffi\.load\('([^']+)'/g)].map(([, soname]) => soname);
    return { name, url, ...readExample(source), libraries, faults, javascript };
  });
}

/** The programs in folders of examples/, those of the first folder first. */
function namesIn(...folders: readonly string[]): string[] {
  return folders.flatMap((path) => {
    const names = readdirSync(new URL(path, folder)).filter((name) => /\.(mjs|ts)$/.test(name));
    return names.sort().map((name) => path + name);
  });
}

/** The sentence at the top of an example, and what it says at the end that it prints. */
export function readExample(source: string): Pick<ExampleFile, 'summary' | 'prints'> {
  const [, top = ''] = /^(?:\/\/ @ts-check\n)?((?:\/\/ \S.*\n)+)/.exec(source) ?? [];
  const [, prints = ''] = /\n\/\* Prints:\n([^]*)\n\*\/\n$/.exec(source) ?? [];
  return { summary: top.replaceAll('// ', '').trimEnd().replaceAll('\n', ' '), prints: prints.split('\n') };
}

/**
 * What was printed, with each line that is as expected in the words of the expectation: there `…` stands for anything, alone on
 * the last line for any lines, and columns may be wider.
 */
export function inWordsOf(expected: readonly string[], printed: string): string[] {
  const lines = printed.trimEnd().split('\n');
  const end = expected.at(-1) === '…' ? expected.length - 1 : Math.max(lines.length, expected.length);
  const rest = lines.slice(end);
  const words = lines.slice(0, end).map((line, index) => {
    const words = expected.at(index);
    return words !== undefined && patternOf(words).test(line) ? words : line;
  });
  return end === expected.length - 1 && rest.length <= 1 ? [...words, '…'] : [...words, ...rest];
}

function patternOf(line: string): RegExp {
  const escaped = line.trim().replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^ *${escaped.replace(/ +/g, ' +').replaceAll('…', '.+')}$`);
}
