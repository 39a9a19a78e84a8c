import { FreeholdError } from '../errors.ts';
import { configureDebug } from './debug.ts';
import type { DebugOptions } from './settings.ts';

// FREEHOLD_DEBUG in the environment switches debug mode on, before the program has made anything: FREEHOLD_DEBUG=1, or options,
// FREEHOLD_DEBUG=guard=all,stackFrames=5.

const wish = process.env.FREEHOLD_DEBUG ?? '';
if (wish !== '' && wish !== '0') configureDebug(wish === '1' ? true : optionsIn(wish));

function optionsIn(text: string): DebugOptions {
  const options: Record<string, unknown> = {};
  for (const part of text.split(',')) {
    const [name, value, ...more] = part.split('=');
    if (value === undefined || more.length > 0) throw notOptions(text);
    options[name] = valueOf(value);
  }
  return options;
}

function valueOf(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return text === '' || Number.isNaN(number) ? text : number;
}

function notOptions(text: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `FREEHOLD_DEBUG must be 1, or options such as guard=all,stackFrames=5, but is ${JSON.stringify(text)}`,
  );
}
