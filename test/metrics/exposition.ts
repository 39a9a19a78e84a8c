// Prometheus' text format, version 0.0.4, read by its rules: what breaks one is an error.

export interface Family {
  readonly help: string;
  readonly type: string;
  readonly samples: { labels: Record<string, string>; value: number }[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/gy;

/** The metrics of a text by name. */
export function parseExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line must end with a line feed');
  const families = new Map<string, Family>();
  let current = '';
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (comment !== null) {
      const [, what, name, rest] = comment;
      if (!NAME.test(name)) throw new Error(`not a name: ${line}`);
      if (what === 'HELP') {
        if (families.has(name)) throw new Error(`a second time: ${line}`);
        families.set(name, { help: rest, type: '', samples: [] });
        current = name;
        continue;
      }
      const family = families.get(name);
      if (name !== current || family === undefined || family.type !== '' || family.samples.length > 0)
        throw new Error(`out of place: ${line}`);
      families.set(name, { ...family, type: rest });
      continue;
    }
    const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
    if (name === undefined || name !== current) throw new Error(`out of place: ${line}`);
    if (!/^[+-]?(\d+(\.\d+)?(e[+-]?\d+)?|Inf)$/.test(value)) throw new Error(`not a number: ${line}`);
    families.get(name)!.samples.push({ labels: parseLabels(labels, line), value: Number(value) });
  }
  for (const [name, { samples }] of families) {
    const keys = new Set(samples.map(({ labels }) => JSON.stringify(labels)));
    if (keys.size !== samples.length) throw new Error(`two samples of ${name} have the same labels`);
  }
  return families;
}

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const match = LABEL.exec(text);
    if (match === null) throw new Error(`no labels: ${line}`);
    const escaped: Record<string, string> = { '\\n': '\n', '\\"': '"', '\\\\': '\\' };
    labels[match[1]] = match[2].replaceAll(/\\./g, (pair) => escaped[pair]);
  }
  return labels;
}
