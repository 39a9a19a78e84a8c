import type { FreeholdError } from '../errors.ts';
import { lookIntoQuarantine } from './cover.ts';
import { leaks } from './leaks.ts';
import { findings, raise } from './raise.ts';
import { say } from './say.ts';
import { recordsAll, state } from './state.ts';
import { tell } from './tell.ts';

/** Looks at what is left when the process, or the worker, ends. */
export function reportAtExit(): void {
  process.on('exit', () => {
    lookIntoQuarantine();
    for (const fault of findings()) raiseAtExit(fault);
    if (!recordsAll()) return; // A sample of what lives is no list of leaks.
    const report = leaks();
    if (report.status === 'ok') return;
    tell(report);
    const { leakExitCode } = state.settings;
    if (leakExitCode > 0) failWith(leakExitCode);
  });
}

/** Nobody can catch it, and warnings come too late. */
function raiseAtExit(fault: FreeholdError): void {
  try {
    raise(fault);
  } catch (error) {
    say(`freehold: found at exit: ${String(error)}`);
    failWith(1);
  }
}

/** The exit code, unless the program fails anyway. */
function failWith(code: number): void {
  if ((process.exitCode ?? 0) === 0) process.exitCode = code;
}
