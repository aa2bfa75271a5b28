import { type RequestListener, createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { MeterProvider } from '@opentelemetry/api';
import type * as prometheus from '@opentelemetry/exporter-prometheus';
import type * as metrics from '@opentelemetry/sdk-metrics';

/** A MeterProvider whose figures are served at `/metrics`, and nothing else. */
export class MetricsServer {
  private readonly sdk = createSdk();
  private readonly server = createServer((request, response) => {
    if (request.url?.split('?', 1)[0] === '/metrics') this.sdk.answer(request, response);
    else response.writeHead(404).end();
  });

  get provider(): MeterProvider {
    return this.sdk.provider;
  }

  /** Resolves with the URL when it serves. Rejects with the error of the system. */
  listen(host: string, port: number): Promise<string> {
    // Neither the port nor a scraper that holds its connection keeps the process alive.
    this.server.unref().on('connection', (socket) => socket.unref());
    return new Promise((resolve, reject) => {
      // Not once: a later error without a listener would end the process.
      this.server.on('error', reject);
      // Exclusive: the workers of a cluster would share one port, and each scrape meet another one.
      this.server.listen({ host, port, exclusive: true }, () => {
        const { port: actual } = this.server.address() as AddressInfo;
        resolve(`http://${host.includes(':') ? `[${host}]` : host}:${actual}/metrics`);
      });
    });
  }

  /** Frees the port. Requests under way are answered. */
  close(): Promise<void> {
    this.server.close();
    return this.sdk.provider.shutdown();
  }
}

/** What we use of `@opentelemetry/resources`. */
interface Resources {
  defaultResource(): Resource;
  detectResources(options: { readonly detectors: readonly unknown[] }): Resource;
  readonly envDetector: unknown;
}
type Resource = NonNullable<metrics.MeterProviderOptions['resource']>;

interface Sdk {
  readonly provider: metrics.MeterProvider;
  readonly answer: RequestListener;
}

/**
 * Creates a MeterProvider and its reader.
 *
 * @throws An error with the code `MODULE_NOT_FOUND` if the package of the reader is not installed.
 */
function createSdk(): Sdk {
  const name = '@opentelemetry/exporter-prometheus';
  // Loaded here, because the package is optional. The others are its dependencies: from there, all
  // have the same major version.
  const load = createRequire(require.resolve(name));
  const { PrometheusExporter } = load(name) as typeof prometheus;
  const { MeterProvider } = load('@opentelemetry/sdk-metrics') as typeof metrics;
  const { defaultResource, detectResources, envDetector } = load(
    '@opentelemetry/resources',
  ) as Resources;
  const reader = new PrometheusExporter({ preventServerStart: true });
  const ofEnvironment = detectResources({ detectors: [envDetector] });
  return {
    provider: new MeterProvider({
      readers: [reader],
      resource: defaultResource().merge(ofEnvironment),
    }),
    answer: (request, response) => reader.getMetricsRequestHandler(request, response),
  };
}
