import { configure } from 'freehold';
import { describe, test } from 'vitest';

import { cases } from '../conformance/cases.ts';
import { bases } from '../conformance/subjects.ts';

configure({ debug: { stackFrames: 0, onLeak: 'ignore' } });

// Debug mode keeps freed memory from use: that is what it is for.
const kept = cases.filter(({ title }) => !title.startsWith('freed bytes are used again'));

describe.each(bases)('$title in debug mode', (subject) => {
  test.each(kept)('$title', ({ run }) => run(subject));
});
