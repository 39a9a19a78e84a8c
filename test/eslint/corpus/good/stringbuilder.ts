// good
import { Arena, StringBuilder } from 'freehold';

function run(): string {
  using arena = new Arena();
  const builder = new StringBuilder({ allocator: arena });
  builder.append('a').append('b');
  return builder.toString();
}

run();
