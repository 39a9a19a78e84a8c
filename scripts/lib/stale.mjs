// Decides what must be made again. Everything is told by modification times; nothing is read unless they disagree.
import { readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

/** Modification time in ms; 0 for what does not exist. */
export function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/**
 * The newest modification time among files and folders (all that is in them, themselves included: a folder's own
 * time changes when a file in it is added or deleted).
 */
export function newest(paths, skip = () => false) {
  let latest = 0;
  for (const path of paths) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat || skip(path)) continue;
    latest = Math.max(latest, stat.mtimeMs);
    if (!stat.isDirectory()) continue;
    latest = Math.max(
      latest,
      newest(
        readdirSync(path).map((name) => join(path, name)),
        skip,
      ),
    );
  }
  return latest;
}

/**
 * Dates a finished product back to when its making began, so that a source saved meanwhile counts as newer.
 */
export function dateBack(product, begin) {
  utimesSync(product, new Date(begin), new Date(begin));
}

/**
 * Does node_modules hold what the lock file asks for? npm writes what it installed to a file of the same form.
 * The times are asked first; the contents only when they disagree (a git checkout touches files it does not change).
 */
export function dependenciesAreStale(lockFile, nodeModules) {
  const installedFile = join(nodeModules, '.package-lock.json');
  if (modified(installedFile) === 0) return true;
  if (modified(installedFile) >= modified(lockFile)) return false;
  const wanted = JSON.parse(readFileSync(lockFile, 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  return Object.entries(wanted).some(([path, entry]) => {
    if (path === '' || entry.link) return false;
    const found = installed[path];
    if (!found) return !entry.optional;
    return found.version !== entry.version || found.integrity !== entry.integrity;
  });
}
