import { describe, test } from 'vitest';
import { cases } from './cases.ts';
import { bases, onceWrapped } from './subjects.ts';

describe.each([...bases, ...onceWrapped])('$title', (subject) => {
  test.each(cases)('$title', ({ run }) => run(subject));
});
