import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { patience } from './effort.ts';

/** How a child must end. What is left out: status 0, no signal, and nothing on stderr. */
export interface ExpectedEnd {
  /** The exit status; null together with a signal. */
  status?: number | null;
  /** The signal that ends it. */
  signal?: NodeJS.Signals | null;
  /** What stderr must match. Empty when left out; `'any'` for what does not matter. */
  stderr?: RegExp | 'any';
}

export interface ChildOptions {
  /** What the child finds in `process.argv` from index 2 on (from 1 on when the source is a string). */
  args?: readonly string[];
  /** Variables over those of this process; undefined removes one. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Options of node, such as `--expose-gc`. */
  execArgv?: readonly string[];
  /** A number stands for `{ status: number }`. */
  expect?: number | ExpectedEnd;
  /** A child that takes longer hangs: it is ended, and the test fails. */
  timeoutMs?: number;
}

export interface ChildResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Runs code that may crash in a process of its own: JavaScript (an ES module that may import 'freehold'), or the file
 * at a URL. Throws an error that shows all of the child's output when it does not end as expected.
 */
export async function runChild(source: string | URL, options: ChildOptions = {}): Promise<ChildResult> {
  const program =
    typeof source === 'string' ? ['--input-type=module', '-e', source] : [fileURLToPath(source)];
  // After `-e` node would take an argument that begins with a dash for one of its own.
  const separator = typeof source === 'string' && options.args !== undefined ? ['--'] : [];
  const argv = [...(options.execArgv ?? []), ...program, ...separator, ...(options.args ?? [])];
  const result = await run(
    argv,
    { ...process.env, ...options.env },
    patience * (options.timeoutMs ?? 50_000),
  );
  const difference = differenceFrom(readExpected(options.expect), result);
  if (difference !== undefined) throw new Error(report(difference, source, result));
  return result;
}

interface RawResult extends ChildResult {
  readonly timedOut: boolean;
}

function run(argv: string[], env: NodeJS.ProcessEnv, timeoutMs: number): Promise<RawResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, argv, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.once('error', reject);
    child.once('close', (status, signal) => {
      clearTimeout(timer);
      resolve({ stdout, stderr, status, signal, timedOut });
    });
  });
}

function readExpected(
  expect: ChildOptions['expect'],
): Required<Omit<ExpectedEnd, 'stderr'>> & Pick<ExpectedEnd, 'stderr'> {
  const end = typeof expect === 'number' ? { status: expect } : (expect ?? {});
  const signal = end.signal ?? null;
  return { ...end, signal, status: end.status ?? (signal === null ? 0 : null) };
}

function differenceFrom(expected: ReturnType<typeof readExpected>, found: RawResult): string | undefined {
  if (found.timedOut) return 'did not end in time and was killed';
  if (found.signal !== expected.signal || found.status !== expected.status) {
    return `ended with ${end(found)} instead of ${end(expected)}`;
  }
  if (expected.stderr === 'any') return undefined;
  if (expected.stderr === undefined) return found.stderr === '' ? undefined : 'wrote to stderr';
  return expected.stderr.test(found.stderr)
    ? undefined
    : `wrote to stderr what does not match ${expected.stderr.source}`;
}

function end({ status, signal }: Pick<ChildResult, 'status' | 'signal'>): string {
  return signal === null ? `status ${status ?? 'null'}` : `signal ${signal}`;
}

function report(difference: string, source: string | URL, { stdout, stderr }: ChildResult): string {
  const program = typeof source === 'string' ? source : source.href;
  return [`child ${difference}`, `---- stderr`, stderr, `---- stdout`, stdout, `---- program`, program].join(
    '\n',
  );
}
