import { gunzipSync } from 'node:zlib';

import { type Value, fieldsOf, packed } from './protobuf.ts';

/** One sample, with all that it refers to. */
export interface PprofSample {
  readonly values: bigint[];
  /** Innermost first: `name file:line:column`. */
  readonly frames: string[];
  readonly labels: Record<string, string>;
}

/** What stands in a file of pprof. */
export interface PprofFile {
  /** `type/unit` of each value. */
  readonly sampleTypes: string[];
  readonly defaultSampleType: string;
  readonly samples: PprofSample[];
  readonly functions: string[];
  readonly locations: string[];
  readonly mappings: { id: bigint; flags: bigint[] }[];
  readonly strings: string[];
  readonly timeNanos: bigint;
  readonly periodType: string;
  readonly period: bigint;
}

type Message = ReturnType<typeof fieldsOf>;

/**
 * Reads a gzipped profile, by https://github.com/google/pprof/blob/main/proto/profile.proto and by nothing else. Throws at
 * what that forbids: text that is not UTF-8, a table of strings that does not begin with '', an identifier that is 0, twice
 * there or not there at all.
 */
export function readPprof(file: Uint8Array): PprofFile {
  const profile = fieldsOf(gunzipSync(file));
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const strings = (profile.get(6) ?? []).map((value) => utf8.decode(value as Uint8Array));
  if (strings[0] !== '') throw new Error('the first string is not empty');
  const text = (message: Message, field: number): string => {
    const string = strings[Number(number(message, field))];
    if (string === undefined) throw new Error('a string that is not there');
    return string;
  };
  const valueType = (message: Message): string => `${text(message, 1)}/${text(message, 2)}`;

  const mappings = byId(profile.get(3), (mapping) => ({
    id: number(mapping, 1),
    flags: [7, 8, 9].map((field) => number(mapping, field)),
  }));
  const functions = byId(
    profile.get(5),
    (each) => [text(each, 2), text(each, 3), text(each, 4)] as const, // name, systemName, file
  );
  const locations = byId(profile.get(4), (location) => {
    found(mappings, number(location, 2));
    const [line, ...more] = messages(location.get(4));
    if (more.length > 0) throw new Error('an inlined call');
    const [name, , file] = found(functions, number(line, 1));
    return `${name} ${file}:${number(line, 2)}:${number(line, 3)}`;
  });
  const samples = messages(profile.get(2)).map((sample) => ({
    values: packed(bytes(sample, 2)),
    frames: packed(bytes(sample, 1)).map((id) => found(locations, id)),
    labels: Object.fromEntries(messages(sample.get(3)).map((label) => [text(label, 1), text(label, 2)])),
  }));
  return {
    sampleTypes: messages(profile.get(1)).map(valueType),
    defaultSampleType: text(profile, 14),
    samples,
    functions: [...functions.values()].map((parts) => parts.join('|')),
    locations: [...locations.values()],
    mappings: [...mappings.values()],
    strings,
    timeNanos: number(profile, 9),
    periodType: messages(profile.get(11)).map(valueType).join(),
    period: number(profile, 12),
  };
}

function messages(values: readonly Value[] = []): Message[] {
  return values.map((value) => fieldsOf(value as Uint8Array));
}

/** The messages by what their field 1 says. */
function byId<T>(values: readonly Value[] | undefined, read: (message: Message) => T): Map<bigint, T> {
  const table = new Map<bigint, T>();
  for (const message of messages(values)) {
    const id = number(message, 1);
    if (id === 0n || table.has(id)) throw new Error(`the identifier ${id} is 0 or stands twice`);
    table.set(id, read(message));
  }
  return table;
}

function found<T>(table: ReadonlyMap<bigint, T>, id: bigint): T {
  const value = table.get(id);
  if (value === undefined) throw new Error(`nothing has the identifier ${id}`);
  return value;
}

function number(message: Message, field: number): bigint {
  return (message.get(field)?.at(-1) ?? 0n) as bigint;
}

function bytes(message: Message, field: number): Uint8Array {
  return (message.get(field)?.at(-1) ?? new Uint8Array()) as Uint8Array;
}
