// What a client gets when its handler fails.
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { HandlerErrorListener } from './options.ts';

// What a handler meets when the client leaves: reads and writes that break, and an arena that is gone.
const LEFT = new Set([
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
  'ERR_FREEHOLD_DISPOSED',
]);

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** Answers 500, or breaks the connection when the response has begun; then tells `onError`. */
export function endWithError(
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  onError: HandlerErrorListener,
): void {
  // The client left: nobody's mistake, and nobody to answer.
  if (request.socket.destroyed && LEFT.has(codeOf(error) as string)) return;
  if (!response.headersSent) {
    // What the handler had prepared (a length, an encoding) describes another body.
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    if (request.httpVersionMajor < 2) response.statusMessage = ''; // HTTP/2 has none, and warns
    response.writeHead(500, { 'Content-Type': 'text/plain; charset=utf-8' });
    response.end('Internal Server Error\n');
  } else if (!response.writableEnded) {
    response.destroy();
  }
  onError(error, request, response);
}
