// bad: no-leak 7
import { Pool } from 'freehold';

const pool = new Pool({ blockBytes: 64 });

function send(text) {
  const packet = pool.alloc();
  packet.write(text);
  return packet.length;
}

send('hello');
