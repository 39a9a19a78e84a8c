import { leaked } from '../events.ts';
import type { Book } from './cover.ts';
import type { Ledger } from './ledger.ts';
import { type LeakReport, reportOn, reportText } from './leaks.ts';
import { say } from './say.ts';
import { state } from './state.ts';

/** Does with leaks what the program has asked for. */
export function tell(report: LeakReport): void {
  if (report.status === 'ok') return;
  if (leaked.hasSubscribers) leaked.publish({ report });
  const { onLeak } = state.settings;
  if (typeof onLeak === 'function') onLeak(report);
  else if (onLeak !== 'ignore') say(reportText(report, onLeak));
}

/** What lives in an allocator that is about to end; null when nothing does. Told when it has ended. */
export function leftIn(book: Book | undefined): LeakReport | null {
  return book === undefined || book.ledger.blocks === 0 ? null : reportOn([book.ledger]);
}

/** An allocator was collected with live blocks. */
export function tellDropped(ledger: Ledger): void {
  tell(reportOn([ledger]));
}
