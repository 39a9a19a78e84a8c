import { checkLimit, checkSize, readOptions } from '../validate.ts';

/** How libraries may use an allocator. */
export interface CallbackOptions {
  /** Bytes that may be live at once, or Infinity. A library that asks for more gets no memory. Default: Infinity. */
  limitBytes?: number;
  /**
   * For tests of what a library does without memory: its allocation of this number gets none, nor does any later one. The first
   * is 1; 0 for none. Default: 0.
   */
  failAt?: number;
}

/** The settings of new callbacks. */
export function readCallbackOptions(options: CallbackOptions | undefined): Required<CallbackOptions> {
  const { limitBytes = Infinity, failAt = 0 } = readOptions(options, ['limitBytes', 'failAt'], 'callbacks');
  return { limitBytes: checkLimit(limitBytes, 'limitBytes'), failAt: checkSize(failAt, 'failAt') };
}
