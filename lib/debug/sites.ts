import { push } from '../captured.ts';
import { type Frame, frameOf, isOwn, lineOf, mapped } from './frames.ts';
import type { Site } from './site.ts';
import { callSitesOf } from './site.ts';

/** A place in the program that allocates or frees: one object for all that happens there. */
export class KnownSite {
  #frames: readonly Frame[];
  #isMapped = false;
  #holders: WeakSet<object> | null = null;

  constructor(
    /** Counts from 1. */
    readonly id: number,
    frames: readonly Frame[],
    /** What the frames of this package say about the block. */
    readonly kind: string | undefined,
  ) {
    this.#frames = frames;
  }

  /** The frames, innermost first, in the files that the program's author has written. */
  get frames(): readonly Frame[] {
    if (!this.#isMapped) {
      this.#frames = this.#frames.map(mapped);
      this.#isMapped = true;
    }
    return this.#frames;
  }

  /** What was ever allocated here, by the kind of allocator. */
  readonly allocated = new Map<string, { blocks: number; bytes: number }>();

  /** One more block was allocated here. */
  count(kind: string, bytes: number): void {
    const sum = this.allocated.get(kind);
    if (sum === undefined) {
      this.allocated.set(kind, { blocks: 1, bytes });
    } else {
      sum.blocks++;
      sum.bytes += bytes;
    }
  }

  /** Whether `holder` has the text of this site; from now on it has. */
  isNamedIn(holder: object): boolean {
    if (this.#holders?.has(holder) === true) return true;
    (this.#holders ??= new WeakSet()).add(holder);
    return false;
  }

  /** The frames, one to a line. */
  toString(): string {
    return this.frames.map(lineOf).join('\n') || '    (no frame of the program)';
  }

  /** The frames on one line, the innermost first. */
  line(): string {
    return this.frames.map((frame) => lineOf(frame).trimStart().slice(3)).join(' < ') || '(unknown)';
  }
}

/** What is said of a block whose stack was not captured. */
export const NOWHERE = new KnownSite(0, [], undefined);

const known = new Map<string, KnownSite>();
const all: KnownSite[] = [NOWHERE];
let frameLimit = 10;

/** How many frames of the program are kept. */
export function setFrameLimit(frames: number): void {
  frameLimit = frames;
}

/**
 * The one object for the place that `site` is. Its frames are compared by where they are in their scripts, which takes 3 us; a
 * place that was not seen before is read, 20 us.
 */
export function intern(site: Site | KnownSite | null): KnownSite {
  if (site === null) return NOWHERE;
  if (site instanceof KnownSite) return site;
  const callSites = callSitesOf(site);
  const key = keyOf(callSites);
  const found = known.get(key);
  if (found !== undefined) return found;
  const frames = callSites.map(frameOf);
  const foreign = frames.filter(isProgram).slice(0, frameLimit);
  const made = new KnownSite(all.length, foreign, kindIn(frames));
  push(all, made);
  known.set(key, made);
  return made;
}

/** Not this package's frames, nor those that node starts everything with. */
function isProgram(frame: Frame): boolean {
  return !isOwn(frame) && !frame.url.startsWith('node:internal/');
}

/** All places that were looked at. */
export function knownSites(): readonly KnownSite[] {
  return all;
}

function keyOf(callSites: NodeJS.CallSite[]): string {
  let key = '';
  for (let index = 0; index < callSites.length; index++) {
    const site = callSites[index];
    key += `${(site as unknown as { getPosition(): number }).getPosition()} ${site.getScriptNameOrSourceURL() ?? ''}\n`;
  }
  return key;
}

/** What stands between the program and the allocator says what the block is for. */
const KINDS: readonly (readonly [string, string])[] = [
  ['/collections/rc-string', 'string'],
  ['/collections/string-builder', 'string'],
  ['/collections/interner', 'string'],
  ['/collections/list', 'list'],
  ['/collections/cow-array', 'array'],
  ['/collections/value', 'value'],
  ['/struct/', 'struct'],
  ['/ownership/own', 'owned'],
];

function kindIn(frames: readonly Frame[]): string | undefined {
  for (const frame of frames) {
    if (!isOwn(frame)) continue;
    const found = KINDS.find(([path]) => frame.url.includes(path));
    if (found !== undefined) return found[1];
  }
  return undefined;
}
