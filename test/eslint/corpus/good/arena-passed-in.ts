// good
import { Arena, type Block } from 'freehold';

function line(arena: Arena, text: string): Block {
  const block = arena.string(text);
  return block;
}

{
  using arena = new Arena();
  console.log(line(arena, 'x').toString());
}
