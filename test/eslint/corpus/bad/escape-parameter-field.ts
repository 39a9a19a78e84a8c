// bad: no-arena-escape 6
import { Arena } from 'freehold';

function fill(result: { line?: Buffer }): void {
  using arena = new Arena();
  result.line = arena.string('x');
}

const result: { line?: Buffer } = {};
fill(result);
result.line?.write('y');
