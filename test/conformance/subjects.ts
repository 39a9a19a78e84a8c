import { Arena } from 'freehold';
import { type MakeOptions, STRICT, type Subject } from './subject.ts';

const arena: Subject = {
  title: 'Arena',
  traits: {
    ...STRICT,
    reuses: 'last', // Blocks of an arena end together: only the last one's bytes are the cursor's to take back.
    detects: 'last', // It keeps no list of blocks: it knows what lies behind the cursor, and what is not its memory.
    owns: 'memory', // The same.
  },
  make({ bytes = Infinity, injure }: MakeOptions = {}) {
    const base = new Arena({ limitBytes: bytes });
    return { allocator: injure === undefined ? base : injure(base), bases: [base] };
  },
};

/** What the suite is run over. */
export const subjects: readonly Subject[] = [arena];
