import { once } from 'node:events';
import { type IncomingHttpHeaders, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that arrived. */
export interface Received {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

type Answer = (response: ServerResponse) => void;

/** An HTTP server on loopback that keeps requests and answers as told. */
export class Receiver {
  readonly received: Received[] = [];
  /** Answers of the next requests. After them every answer is 200. */
  readonly answers: Answer[] = [];
  private readonly arrivals = new Set<() => void>();
  private readonly server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      this.received.push({ method, path: url, headers, body: Buffer.concat(chunks) });
      (this.answers.shift() ?? status(200))(response);
      this.arrivals.forEach((notify) => notify());
    });
  });

  async listen(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1development/profiles`;
  }

  /** Fulfills when `count` requests have arrived. */
  arrived(count: number): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.received.length < count) return;
        this.arrivals.delete(look);
        resolve();
      };
      this.arrivals.add(look);
      look();
    });
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, 'close');
  }
}

export function status(
  code: number,
  headers: Record<string, string> = {},
  body: Uint8Array | string = '',
): Answer {
  return (response) => response.writeHead(code, headers).end(body);
}

/** Leaves the request without an answer. */
export const silence: Answer = () => undefined;

/** Ends the connection instead of answering. */
export const hangUp: Answer = (response) => void response.socket?.destroy();
