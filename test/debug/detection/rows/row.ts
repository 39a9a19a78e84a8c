import type { Expected } from '../outcome.ts';

export const modes = ['default', 'debug', 'guarded', 'sampled'] as const;
export type Mode = (typeof modes)[number];

/** Programs of other projects that commit the same fault. */
export interface Names {
  /** In the folder `test` of hardened_malloc. */
  readonly hardened?: readonly string[];
  /** In the folder `bench/security` of mimalloc-bench. */
  readonly bench?: readonly string[];
}

export interface Row extends Names {
  /** The file of `faults` and the name in it. */
  readonly id: string;
  readonly title: string;
  /** What the block is from. */
  readonly allocator: string;
  readonly expected: Readonly<Record<Mode, Expected>>;
}

/** Rows that stand together in the table, and the file with their programs. */
export interface Group {
  readonly file: string;
  readonly title: string;
  /** Who can commit them. */
  readonly by: 'JavaScript' | 'native code';
  /** Whether each row has a process of its own also where nothing is found. */
  readonly alone: boolean;
  readonly rows: readonly Row[];
}

/** What a row expects of the modes; those that are left out see what the one before sees. */
type Series = readonly [default_: Expected, debug?: Expected, guarded?: Expected, sampled?: Expected];

/** `name`: in `file`. */
export type MakeRow = (name: string, title: string, allocator: string, series: Series, names?: Names) => Row;

export function rowsOf(file: string): MakeRow {
  return (name, title, allocator, series, names = {}) => {
    const [base, debug = base, guarded = debug, sampled = guarded] = series;
    return {
      id: `${file}/${name}`,
      title,
      allocator,
      expected: { default: base, debug, guarded, sampled },
      ...names,
    };
  };
}

/** The call throws. */
export function error(code: string, message: RegExp): Expected {
  return { kind: 'error', code: `ERR_FREEHOLD_${code}`, message };
}

/** The call `when` throws. */
export function later(when: string, code: string, message: RegExp): Expected {
  return { kind: 'later', when, code: `ERR_FREEHOLD_${code}`, message };
}

export function prevented(seen: string): Expected {
  return { kind: 'prevented', seen };
}

export function undetected(seen: string): Expected {
  return { kind: 'undetected', seen };
}

/** Said on stderr, by a process that ends with `status`. */
export function told(status: number, report: RegExp): Expected {
  return { kind: 'told', status, report };
}

/** Native code has touched what is inaccessible. `where`: from the beginning of `native` on. */
export function crash(fault: string, where: string, of: string): Expected {
  const freed = fault === 'use after free' ? '[^]*\\nfreed:\\n    at ' : '';
  // The kind of access is known on x86-64.
  const kind = where.replace(/^(read|write)/, '($1|access) at 0x[0-9a-f]+');
  return {
    kind: 'signal',
    signal: 'SIGSEGV',
    report: new RegExp(
      `^freehold: ${fault}: native ${kind} at 0x[0-9a-f]+ \\(${of}\\)\\nallocated:\\n    at ${freed}`,
    ),
  };
}

const AT = '    at [^]*';

/** A message of debug mode: what was found, and the stacks of it. */
export function withStacks(text: string, ...stacks: string[]): RegExp {
  const plain = text.replace(/[()[\]]/g, '\\$&');
  return new RegExp(`^${plain}[^\\n]*${stacks.map((title) => `\\n${title}:\\n${AT}`).join('')}`);
}
