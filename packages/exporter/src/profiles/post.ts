import * as http from 'node:http';
import * as https from 'node:https';
import { timers } from '@rulescope/profiler/internal';

/** Longest answer that is read. The rest is ignored. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** An answer of the server. */
export interface Answer {
  readonly status: number;
  /** The header `Retry-After`. */
  readonly retryAfter: string | undefined;
  readonly body: Buffer;
}

/** Where requests go, and what they have in common. */
export interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly agent: http.Agent | undefined;
}

/**
 * Sends one request and fulfills with the answer. Rejects if the connection fails or there is no
 * complete answer in time. The request does not keep the process alive, except while the name of
 * the host is looked up.
 */
export function post(target: Target, body: Uint8Array, timeoutMillis: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { request } = target.url.startsWith('https:') ? https : http;
    const { url, headers, agent } = target;
    const sent = request(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': body.length },
      ...(agent && { agent }),
    });
    const timer = timers
      .setTimeout(() => {
        sent.destroy(new Error(`no answer within ${Math.ceil(timeoutMillis)} ms`));
      }, timeoutMillis)
      .unref();
    sent.on('close', () => timers.clearTimeout(timer));
    sent.on('socket', (socket) => socket.unref());
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        if (length < MAX_ANSWER_BYTES) chunks.push(chunk);
        length += chunk.length;
      });
      response.on('error', reject);
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          retryAfter: response.headers['retry-after'],
          body: Buffer.concat(chunks),
        });
      });
    });
    sent.end(body);
  });
}
