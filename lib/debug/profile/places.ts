import { isAbsolute } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import type { ProfileFrame, SiteProfile } from './site-profile.ts';

/** What stands for frames of which neither the function nor the file is known. */
const UNKNOWN: ProfileFrame = { functionName: '(unknown)', url: '', line: 0, column: 0 };

/** The frames of a site, innermost first: at least one, and each has a function's name or a file. */
export function framesOf(site: SiteProfile): readonly ProfileFrame[] {
  if (site.frames.length === 0) return [UNKNOWN];
  return site.frames.map((frame) => (frame.functionName === '' && frame.url === '' ? UNKNOWN : frame));
}

/** The file of a frame as browsers name it: absolute paths as `file:` URLs, anything else as it is. */
export function urlOf(url: string): string {
  return isAbsolute(url) ? pathToFileURL(url).href : url;
}

/** The file of a frame as compilers name it: `file:` URLs as paths, anything else as it is. */
export function pathOf(url: string): string {
  if (!url.startsWith('file:')) return url;
  try {
    return fileURLToPath(url);
  } catch {
    return url; // Of another machine, or none at all.
  }
}
