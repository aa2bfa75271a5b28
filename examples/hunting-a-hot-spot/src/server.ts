import { EventEmitter, once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { createPprofHandler } from '@rulescope/profiler/http';

/** A server of `/metrics` and `/debug/pprof` on loopback. */
export class ProfileServer {
  private readonly pprof = createPprofHandler();
  private readonly server: Server;
  private readonly events = new EventEmitter();

  constructor(exporter: PrometheusExporter) {
    this.server = createServer((request, response) => {
      if (request.url === '/metrics') {
        exporter.getMetricsRequestHandler(request, response);
        response.once('close', () => this.events.emit('scrape'));
      } else this.pprof(request, response, () => response.writeHead(404).end('not found\n'));
    });
  }

  /** Resolves with the port. Rejects if it is in use. */
  async listen(port: number): Promise<number> {
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  /** Resolves when the next answer of `/metrics` is out, or after `limitMillis`. */
  async scraped(limitMillis: number): Promise<void> {
    const signal = AbortSignal.timeout(limitMillis);
    await once(this.events, 'scrape', { signal }).catch(() => undefined);
  }

  /** Ends all recordings and closes all connections. */
  async close(): Promise<void> {
    await this.pprof.close();
    this.server.close();
    this.server.closeAllConnections();
  }
}
