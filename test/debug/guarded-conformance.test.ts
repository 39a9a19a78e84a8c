import { configure } from 'freehold';
import { describe, test } from 'vitest';

import { cases } from '../conformance/cases.ts';
import { bases } from '../conformance/subjects.ts';

configure({ debug: { stackFrames: 0, onLeak: 'ignore', guard: 'all' } });

const subjects = bases.filter(({ title }) => ['Arena', 'Heap', 'RcHeap', 'Stack, detach'].includes(title));
// Freed addresses are kept from use, and random programs of thousands of blocks take minutes.
const kept = cases.filter(({ title }) => !/^freed bytes are used again|any one request fails/.test(title));

describe.each(subjects)('$title with guard pages', (subject) => {
  test.each(kept)('$title', ({ run }) => run(subject));
});
