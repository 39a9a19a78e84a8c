import { lookIntoQuarantine } from './cover.ts';
import { leaks } from './leaks.ts';
import { settle } from './raise.ts';
import { say } from './say.ts';
import { recordsAll, state } from './state.ts';
import { tell } from './tell.ts';

/** Looks at what is left when the process, or the worker, ends. */
export function reportAtExit(): void {
  process.on('exit', () => {
    lookIntoQuarantine();
    try {
      settle();
    } catch (error) {
      say(`freehold: found at exit: ${String(error)}`);
      process.exitCode = 1;
    }
    if (!recordsAll()) return; // A sample of what lives is no list of leaks.
    const report = leaks();
    if (report.status === 'ok') return;
    tell(report);
    const { leakExitCode } = state.settings;
    if (leakExitCode > 0 && (process.exitCode ?? 0) === 0) process.exitCode = leakExitCode;
  });
}
