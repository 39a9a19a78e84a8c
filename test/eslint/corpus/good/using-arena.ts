// good
import { Arena } from 'freehold';

function first(text: string): number {
  using arena = new Arena();
  const line = arena.string(text);
  const copy = arena.copy(line);
  return copy[0];
}

first('x');
