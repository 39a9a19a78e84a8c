// docs/detection-proof.md, of what runs without a check have shown.
import { readFileSync } from 'node:fs';
import { checks } from './detection-checks.mjs';
import { at } from './paths.mjs';

const read = (name) => JSON.parse(readFileSync(at('test/debug/detection', name), 'utf8'));

/** What was seen without each check, in their order. */
function proofs() {
  const known = read('proof.json');
  return checks.map((check) => ({
    ...check,
    cells: (known[check.check] ?? []).map(([cell, failed, seen]) => ({ cell, failed, seen })),
  }));
}

const code = (text) =>
  `\`${text
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .replaceAll('|', '\\|')}\``;

/** What is seen instead, the most frequent first. */
function instead(cells) {
  const counts = new Map();
  for (const { seen } of cells) counts.set(seen, (counts.get(seen) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([seen, count]) => `${count} × ${seen}`)
    .join('; ');
}

/** Which cells fail without a check, and what the others are. */
function sorted(proven) {
  const cells = read('results.json').groups.flatMap(({ rows }) =>
    rows.flatMap(({ id, cells: found }) =>
      Object.entries(found).map(([mode, seen]) => ({ cell: `${id}, ${mode}`, seen })),
    ),
  );
  const rest = cells.filter(({ cell }) => !proven.has(cell));
  const of = (test) => rest.filter(({ seen }) => test(seen)).map(({ cell }) => cell);
  const isMissed = (seen) => seen.startsWith('**undetected**');
  const isHarmless = (seen) => seen.startsWith('no effect');
  return {
    all: cells.length,
    undetected: of(isMissed),
    harmless: of(isHarmless),
    found: of((seen) => !isMissed(seen) && !isHarmless(seen)),
  };
}

/** The document, of what the last runs have shown. */
export function detectionProof() {
  const seen = proofs();
  const proven = new Set(
    seen.flatMap(({ cells }) => cells.filter(({ failed }) => failed).map(({ cell }) => cell)),
  );
  const { all, undetected, harmless, found } = sorted(proven);
  const rows = seen.map(({ check, file, text, put, also = [], cells }) => {
    const failed = cells.filter((cell) => cell.failed);
    const change = [
      put.trim() === '' ? code(text) : `${code(text)} becomes ${code(put)}`,
      ...also.map(code),
    ].join(', ');
    return `| ${check} | ${file} | ${change} | ${failed.length} of ${cells.length} | ${instead(failed)} |`;
  });
  return `# That the table can fail

What [docs/detection.md](detection.md) says was run once more for each check that it relies on, against a build in which this check was removed,
or made to find nothing. A cell fails when what is seen is not exactly what is published. Made by
\`node scripts/detection-proof.mjs\`, which stops when a text that it removes is not in the build, and fails when a cell does not.

Of ${all} cells ${proven.size} fail that way.

- ${undetected.length} of the others are "undetected": there is no check to remove.
- ${harmless.length} are "no effect" by the language or the system, or by how memory is laid out, and no check of ours:
  elements and methods of typed arrays beyond their length, views over detached buffers, buffers that end where the block does, pages of zeroes
  that may not be executed.
- ${found.length} have none here${found.length === 0 ? '.' : `: ${found.join('; ')}.`}

| check | file | removed | cells that fail | what is seen instead |
| ----- | ---- | ------- | --------------- | -------------------- |
${rows.join('\n')}

"The program fails" stands for a program that ended otherwise than by its plan, as most do whose allocator goes on with what it should
have refused. A cell whose text is the same as before fails for its message: the stacks are missing.
`;
}
