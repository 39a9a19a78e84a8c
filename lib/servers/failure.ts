// What a client gets when its handler fails.
import { type IncomingMessage, STATUS_CODES, type ServerResponse } from 'node:http';

import { FreeholdError } from '../errors.ts';
import type { HandlerErrorListener } from './options.ts';

// What a handler meets when the client leaves: reads and writes that break, and an arena that is gone.
const LEFT = new Set([
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
  'ERR_FREEHOLD_DISPOSED',
]);

/** Whether an error is what a handler meets when the client leaves. */
export function hasLeft(error: unknown): boolean {
  return error instanceof Error && 'code' in error && LEFT.has(error.code as string);
}

/**
 * Answers 500 (503 when there was no memory, 413 when the body was too large, 400 when it was no JSON), or breaks the connection
 * when the response has begun; then tells `onError`, unless it is the client's mistake.
 */
export function endWithError(
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  onError: HandlerErrorListener,
): void {
  // The client left: nobody's mistake, and nobody to answer.
  if (request.socket.destroyed && hasLeft(error)) return;
  const status = statusOf(error);
  if (!response.headersSent) {
    // What the handler had prepared (a length, an encoding) describes another body.
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    if (request.httpVersionMajor < 2) response.statusMessage = ''; // HTTP/2 has none, and warns
    response.writeHead(status, {
      'Content-Type': 'text/plain; charset=utf-8',
      // What is left of a body that is too large would be read as the next request otherwise.
      ...(status === 413 && request.httpVersionMajor < 2 && { Connection: 'close' }),
    });
    response.end(`${STATUS_CODES[status] ?? ''}\n`);
  } else if (!response.writableEnded) {
    response.destroy();
  }
  if (status >= 500) onError(error, request, response);
}

/** What an error is answered with. Not whatever `statusCode` an error may have: that of an upstream server's answer is nobody's business here. */
export function statusOf(error: unknown): number {
  if (error instanceof FreeholdError) return error.statusCode ?? 500;
  return error instanceof SyntaxError && 'statusCode' in error && error.statusCode === 400 ? 400 : 500;
}
