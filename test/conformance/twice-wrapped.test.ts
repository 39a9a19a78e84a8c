import { describe, test } from 'vitest';
import { cases } from './cases.ts';
import { twiceWrapped } from './subjects.ts';

describe.each(twiceWrapped)('$title', (subject) => {
  test.each(cases)('$title', ({ run }) => run(subject));
});
