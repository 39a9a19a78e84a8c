// good
import { EventEmitter } from 'node:events';

import { Arena } from 'freehold';

function serve(server) {
  const arena = new Arena();
  server.on('request', (respond) => {
    respond(arena.string('hello').length);
    arena.reset();
  });
  server.on('close', () => arena.dispose());
}

const server = new EventEmitter();
serve(server);
server.emit('request', console.log);
server.emit('close');
