// bad: prefer-using 5
import { Arena } from 'freehold';

function first(text: string): number {
  const arena = new Arena();
  try {
    return arena.string(text).readUInt8(0);
  } finally {
    arena.dispose();
  }
}

first('x');
