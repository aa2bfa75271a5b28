import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from './Answer';

/** In every answer: profiles are of the moment, and nobody else's page has business with them. */
const ALWAYS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/**
 * Sends `answer`, unless somebody else has answered in the meantime or nobody is there to read it.
 *
 * @param last The connection is not to be kept for further requests.
 */
export function send(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  last: boolean,
): void {
  if (response.headersSent || response.writableEnded || response.destroyed) return;
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
  response.writeHead(answer.status, {
    ...ALWAYS,
    ...answer.headers,
    // A HEAD does not record, so it cannot say how long the answer to a GET would be.
    ...(request.method === 'HEAD' ? {} : { 'Content-Length': body.byteLength }),
    // HTTP/2 has no such header.
    ...(last && request.httpVersionMajor === 1 ? { Connection: 'close' } : {}),
  });
  // Node.js leaves it out of the answer to a HEAD.
  response.end(body);
}
