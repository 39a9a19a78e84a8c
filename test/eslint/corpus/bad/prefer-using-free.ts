// bad: prefer-using 5
import { allocate, free } from 'freehold';

function first(text: string): number {
  const block = allocate(64);
  block.write(text);
  const byte = block.readUInt8(0);
  free(block);
  return byte;
}

first('x');
