import { describe, test } from 'vitest';
import { cases } from './cases.ts';
import { subjects } from './subjects.ts';

describe.each(subjects)('$title', (subject) => {
  test.each(cases)('$title', ({ run }) => run(subject));
});
