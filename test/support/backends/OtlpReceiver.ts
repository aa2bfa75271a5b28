import { once } from 'node:events';
import { type IncomingHttpHeaders, type Server, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { eventually } from '../processes';

/** A request that arrived. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The status of the reply. */
  readonly status: number;
}

interface ReceiverOptions {
  /** Where to pass requests on. Default: nowhere, they are answered. */
  readonly forwardTo?: string;
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** An OTLP/HTTP backend on loopback that can be away, slow, or refuse. */
export class OtlpReceiver {
  /** All requests that were answered, oldest first. */
  readonly received: Received[] = [];
  /** What each request gets: a status, no reply at all, or what the backend replies. */
  mode: 'up' | 'silent' | number = 'up';
  readonly server: Server;
  private port = 0;

  private constructor(private readonly options: ReceiverOptions) {
    const { tls, forwardTo } = options;
    this.server = tls === undefined ? createServer() : createTlsServer(tls);
    // After a test that failed it must not keep mocha alive.
    this.server.unref();
    this.server.on('request', (request, response) => {
      void (async () => {
        const body = await buffer(request);
        const { mode } = this;
        if (mode === 'silent') return;
        const { url = '', headers } = request;
        const status = mode === 'up' ? await reply(forwardTo, headers, body) : mode;
        this.received.push({ path: url, headers, body, status });
        response.writeHead(status).end();
      })();
    });
  }

  static async start(options: ReceiverOptions = {}): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver(options);
    await receiver.open();
    return receiver;
  }

  get url(): string {
    return `${this.options.tls ? 'https' : 'http'}://127.0.0.1:${this.port}`;
  }

  /** Listens again after {@link close}, on the same port. */
  async open(): Promise<void> {
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** Ends all connections and refuses new ones. */
  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  /** Resolves when `count` further requests were accepted. */
  async moreAccepted(count = 1): Promise<void> {
    const accepted = (): number => this.received.filter(({ status }) => status < 300).length;
    const before = accepted();
    await eventually(`${count} more requests`, () =>
      Promise.resolve(accepted() >= before + count ? true : undefined),
    );
  }
}

/** Returns the status that `forwardTo` answers, or 200 if there is none. */
async function reply(
  forwardTo: string | undefined,
  headers: IncomingHttpHeaders,
  body: Buffer,
): Promise<number> {
  if (forwardTo === undefined) return 200;
  const type = { 'content-type': headers['content-type'] ?? '' };
  return (await fetch(forwardTo, { method: 'POST', headers: type, body: new Uint8Array(body) }))
    .status;
}
