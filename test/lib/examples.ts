import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** One example of the documentation. */
export interface Example {
  /** The file and the line where its code begins. */
  readonly title: string;
  readonly source: string;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The code fences of a text, without what stands before each line of a comment. `no-run` behind the language skips one. */
function fences(text: string, languages: string): { line: number; source: string }[] {
  const fence = new RegExp(
    String.raw`^([ \t]*\*? ?)\`\`\`(?:${languages})[ \t]*\n([^]*?)^[ \t]*\*? ?\`\`\`$`,
    'gm',
  );
  return [...text.matchAll(fence)].map(({ index, 1: prefix, 2: body }) => {
    const lines = body.split('\n').map((line) => (line.startsWith(prefix) ? line.slice(prefix.length) : ''));
    return { line: text.slice(0, index).split('\n').length + 1, source: lines.join('\n') };
  });
}

function inFile(path: string, languages: string): Example[] {
  const text = readFileSync(path, 'utf8');
  return fences(text, languages).map(({ line, source }) => ({
    title: `${relative(root, path).replaceAll('\\', '/')}:${line}`,
    source,
  }));
}

/** Every example that users read: in the TSDoc of the package, in the README and in the guides. */
export function findExamples(): Example[] {
  const files = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort();
  return [
    ...inFile(join(root, 'README.md'), 'ts|js|mjs'),
    ...inFile(join(root, 'docs', 'debugging.md'), 'ts'),
    ...inFile(join(root, 'docs', 'ffi.md'), 'ts'),
    ...inFile(join(root, 'docs', 'ffi-libraries.md'), 'ts'),
    ...inFile(join(root, 'docs', 'ownership.md'), 'ts'),
    ...inFile(join(root, 'docs', 'servers.md'), 'ts'),
    ...inFile(join(root, 'docs', 'strategies.md'), 'ts'),
    ...inFile(join(root, 'docs', 'structs.md'), 'ts|js|mjs'),
    ...files.flatMap((name) => inFile(join(root, 'lib', name), 'ts')),
  ];
}

export interface CompiledExample extends Example {
  /** What the type checker says against it. */
  readonly faults: string;
  /** The same in JavaScript that Node 20 understands: without `using`. */
  readonly javascript: string;
}

/** Checks all examples with the project's own settings in one program, as files that lie in the package's folder. */
export function compileExamples(examples: readonly Example[]): CompiledExample[] {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile.bind(ts.sys))
    .config as object;
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const settings: ts.CompilerOptions = {
    ...options,
    noEmit: false,
    target: ts.ScriptTarget.ES2022,
    rootDir: root,
    noUnusedLocals: false, // What `using` only holds until the end of the scope is not read.
  };
  const paths = new Map(
    examples.map((example, index) => [resolve(root, `example-${index}.ts`), example.source]),
  );
  const host = ts.createCompilerHost(settings);
  const { fileExists, readFile } = host;
  host.fileExists = (path) => paths.has(resolve(path)) || fileExists.call(host, path);
  host.readFile = (path) => paths.get(resolve(path)) ?? readFile.call(host, path);
  const program = ts.createProgram([...paths.keys()], settings, host);
  return [...paths.keys()].map((path, index) => {
    const file = program.getSourceFile(path);
    let javascript = '';
    program.emit(file, (_name, text) => (javascript = text));
    const diagnostics = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    return { ...examples[index], javascript, faults: ts.formatDiagnostics(diagnostics, host) };
  });
}

/** What an example says that it prints: `console.log(x); // value`. */
export function printedValues(source: string): string[] {
  return [...source.matchAll(/^\s*console\.log\(.*\);[ \t]*\/\/ (.*)$/gm)].map(([, value]) => value);
}
