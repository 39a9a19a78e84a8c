// For `node --import`: says on stderr what memory is held when the program ends, whatever the program says itself.
import { writeSync } from 'node:fs';

import { memoryStats } from 'freehold';

process.on('exit', () => writeSync(2, `memory ${JSON.stringify(memoryStats())}\n`));
