import { readFileSync } from 'node:fs';
import { SourceMap, findSourceMap } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isOwnPlace } from '../call-stack.ts';

/** One frame of a stack. Lines and columns begin at 1; 0 and '' for what is not known. */
export interface Frame {
  readonly functionName: string;
  readonly url: string;
  readonly line: number;
  readonly column: number;
}

/** A file's source map; null for none. */
const maps = new Map<string, SourceMap | null>();

/** Whether a frame is this package's own. */
export function isOwn({ url }: Frame): boolean {
  return isOwnPlace(url);
}

/** A frame as the engine has it: of the code that runs, not of what it was compiled from. */
export function frameOf(site: NodeJS.CallSite): Frame {
  const file = site.getScriptNameOrSourceURL();
  return {
    functionName: nameOf(site),
    url: file?.startsWith('/') === true ? pathToFileURL(file).href : (file ?? ''),
    line: site.getLineNumber() ?? 0,
    column: site.getColumnNumber() ?? 0,
  };
}

/** The same frame in the file that the program's author has written, where there is a source map. */
export function mapped(frame: Frame): Frame {
  if (frame.line === 0 || !frame.url.startsWith('file:')) return frame;
  const entry = mapOf(frame.url)?.findEntry(frame.line - 1, frame.column - 1);
  if (entry === undefined || !('originalLine' in entry)) return frame;
  return {
    functionName: frame.functionName,
    url: absolute(entry.originalSource, frame.url),
    line: entry.originalLine + 1,
    column: entry.originalColumn + 1,
  };
}

/** A frame in one line, as stacks have it. */
export function lineOf({ functionName, url, line, column }: Frame): string {
  const place = line === 0 ? url || '<anonymous>' : `${url}:${line}:${column}`;
  return functionName === '' ? `    at ${place}` : `    at ${functionName} (${place})`;
}

function nameOf(site: NodeJS.CallSite): string {
  const name = site.getFunctionName() ?? '';
  if (site.isConstructor()) return `new ${name === '' ? '<anonymous>' : name}`;
  const type = site.isToplevel() || name.includes('.') ? null : site.getTypeName();
  const full = type === null || name === '' || name.startsWith(`${type}.`) ? name : `${type}.${name}`;
  return site.isAsync() && full !== '' ? `async ${full}` : full;
}

function mapOf(url: string): SourceMap | null {
  let map = maps.get(url);
  if (map === undefined) maps.set(url, (map = loadMap(url)));
  return map;
}

/** What node knows of (`--enable-source-maps`), or what the file itself names. */
function loadMap(url: string): SourceMap | null {
  try {
    const file = fileURLToPath(url);
    const known = findSourceMap(file) ?? findSourceMap(url);
    if (known !== undefined) return known;
    const named = /\/\/[#@] sourceMappingURL=(\S+)\s*$/.exec(readFileSync(file, 'utf8'))?.[1];
    if (named === undefined) return null;
    const inline = /^data:application\/json[^,]*;base64,(.*)$/.exec(named)?.[1];
    const text =
      inline === undefined
        ? readFileSync(new URL(named, url), 'utf8')
        : Buffer.from(inline, 'base64').toString('utf8');
    return new SourceMap(JSON.parse(text) as ConstructorParameters<typeof SourceMap>[0]);
  } catch {
    return null; // A report without the map is better than none.
  }
}

function absolute(source: string, from: string): string {
  if (source.startsWith('/')) return pathToFileURL(source).href;
  try {
    return new URL(source, from).href;
  } catch {
    return source;
  }
}
