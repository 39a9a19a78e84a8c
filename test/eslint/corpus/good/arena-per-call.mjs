// good
import { withArena } from 'freehold';

function centre(text, width) {
  return withArena((arena) => {
    const line = arena.alloc(width);
    line.fill(' ').write(text, (width - text.length) >> 1);
    return line.toString();
  });
}

centre('title', 11);
