import { native } from '../native.ts';
import * as errors from './errors.ts';

// What libraries and the collector have done behind JavaScript's back: the addon wakes this thread up, and says what it was when it
// is asked.

type Hearer = () => void;

const hearers: Hearer[] = [];
let isListening = false;

/** Says who asks the addon for its news. */
export function onNews(hear: Hearer): void {
  hearers.push(hear);
}

/** Listens from now on. */
export function listen(): void {
  if (!isListening && !native.listen(hearNews)) throw errors.noMemory('a listener');
  isListening = true;
}

/** Does now what would be done soon. Never throws: see {@link throwLater}. */
export function hearNews(): void {
  for (const hear of hearers) {
    try {
      hear();
    } catch (error) {
      throwLater(error);
    }
  }
}

/** An error that nobody here can take: an uncaught exception, like one that a timer throws. */
export function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
