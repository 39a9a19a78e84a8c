// What a client gets when its handler fails.
import type { IncomingMessage, ServerResponse } from 'node:http';

import { FreeholdError } from '../errors.ts';
import type { HandlerErrorListener } from './options.ts';

/** Answers 500, or breaks the connection when the response has begun; then tells `onError`. */
export function endWithError(
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  onError: HandlerErrorListener,
): void {
  // The client left, and the handler found its arena gone: nobody's mistake.
  if (request.socket.destroyed && error instanceof FreeholdError && error.code === 'ERR_FREEHOLD_DISPOSED')
    return;
  if (!response.headersSent) {
    // What the handler had prepared (a length, an encoding) describes another body.
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    response.writeHead(500, { 'Content-Type': 'text/plain; charset=utf-8' });
    response.end('Internal Server Error\n');
  } else if (!response.writableEnded) {
    response.destroy();
  }
  onError(error, request, response);
}
