// Keeps the example server up, on arenas, until it is interrupted.
import { at } from './paths.mjs';
import { startServer } from './server-process.mjs';

export async function serve() {
  const server = await startServer(at('examples/server/server.mjs'), {
    MODE: 'arena',
    PORT: process.env.PORT ?? '3000',
  });
  console.log(`The arena server listens on ${server.hello.url}. Ctrl-C ends it. Try:\n`);
  console.log(
    `  printf 'user-1,hello\\nuser-2,world\\n' | curl -s --data-binary @- ${server.hello.url}/transform | od -A d -c\n`,
  );
  await server.gone;
}
