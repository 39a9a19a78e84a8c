import { configureDebug } from './debug.ts';

// FREEHOLD_DEBUG=1 in the environment switches debug mode on, before the program has made anything.

const wish = process.env.FREEHOLD_DEBUG;
if (wish !== undefined && wish !== '' && wish !== '0') configureDebug(true);
