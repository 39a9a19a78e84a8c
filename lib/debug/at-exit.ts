import { checkQuarantine } from './cover.ts';
import { leaks, reportText } from './leaks.ts';
import { settle } from './raise.ts';
import { say } from './say.ts';
import { state } from './state.ts';

/** Looks at what is left when the process, or the worker, ends. */
export function reportAtExit(): void {
  process.on('exit', () => {
    checkQuarantine();
    try {
      settle();
    } catch (error) {
      say(`freehold: found at exit: ${String(error)}`);
      process.exitCode = 1;
    }
    const report = leaks();
    const { onLeak, leakExitCode } = state.settings;
    if (report.status === 'ok') return;
    if (typeof onLeak === 'function') onLeak(report);
    else if (onLeak !== 'ignore') say(reportText(report, onLeak));
    if (leakExitCode > 0 && (process.exitCode ?? 0) === 0) process.exitCode = leakExitCode;
  });
}
