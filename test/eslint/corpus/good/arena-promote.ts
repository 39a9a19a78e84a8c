// good
import { Arena, type Block } from 'freehold';

const session = new Arena();

function token(text: string): Block {
  using request = new Arena();
  return request.promote(request.string(text), session);
}

console.log(token('abc').toString());
session.dispose();
