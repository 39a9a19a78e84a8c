/**
 * How much of the work that is the same on every version of node is done: 1 for all of it. The gate does all of it on the
 * oldest version and a part on the others (`scripts/runtimes.mjs`).
 */
const effort = Number(process.env['FREEHOLD_TEST_EFFORT'] ?? 1);

/** As much of `all`, and not less than `least`. */
export function portion(all: number, least = 1): number {
  return Math.max(least, Math.round(all * effort));
}

/** How much longer than at its own speed a child process may take: more under sanitizers (`scripts/sanitize.mjs`). */
export const patience = Number(process.env['FREEHOLD_TEST_PATIENCE'] ?? 1);
