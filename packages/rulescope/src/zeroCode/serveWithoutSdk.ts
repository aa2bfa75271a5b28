import { type MeterProvider, diag } from '@opentelemetry/api';
import type { RuleMetrics } from '@rulescope/exporter';
import { awaitMeterProvider, registeredProvider } from '@rulescope/exporter/internal';
import { timers, warnOnce } from '@rulescope/profiler/internal';
import { MetricsServer } from './MetricsServer';
import type { Settings } from './environment';

/** Meanwhile the port stays free for an SDK that the application starts. */
const SERVE_AFTER_MILLIS = 5_000;

type Address = Pick<Settings, 'host' | 'port'>;

/**
 * Serves the figures at `/metrics` if no SDK has registered a MeterProvider after some seconds,
 * until one does. An earlier one is found by `ruleMetrics` itself. Does not keep the process alive.
 */
export async function serveWithoutSdk(ruleMetrics: RuleMetrics, address: Address): Promise<void> {
  await new Promise<void>((resolve) => timers.after(SERVE_AFTER_MILLIS, resolve));
  if (registeredProvider() !== undefined) return;
  const server = await startServer(address);
  // Without a server nobody would read what is sampled.
  if (server === undefined) ruleMetrics.disable();
  else ruleMetrics.setMeterProvider(server.provider);
  const provider = await new Promise<MeterProvider>((resolve) => {
    awaitMeterProvider(timers.after, (found) => {
      resolve(found);
      return true;
    });
  });
  if (server !== undefined && address.port !== 0) warnOfLateSdk();
  ruleMetrics.setMeterProvider(provider);
  ruleMetrics.enable();
  await server?.close();
}

function warnOfLateSdk(): void {
  warnOnce(
    'rulescope: /metrics was served until an SDK came. If the SDK could not serve on the same port, ' +
      'set RULESCOPE_METRICS_PORT',
    'RULESCOPE_NO_ENDPOINT',
  );
}

/** Starts to serve. If that fails, warns on stderr. */
async function startServer({ host, port }: Address): Promise<MetricsServer | undefined> {
  try {
    const server = new MetricsServer();
    const url = await server.listen(host, port);
    const message = `rulescope: metrics at ${url}`;
    diag.info(message);
    // Nothing else says which port the system has chosen.
    if (port === 0) process.stderr.write(`${message}\n`);
    return server;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const [reason] = message.split('\n', 1);
    const cure =
      code === 'MODULE_NOT_FOUND'
        ? 'npm install @opentelemetry/exporter-prometheus, or start an SDK'
        : 'set RULESCOPE_METRICS_HOST or RULESCOPE_METRICS_PORT (0: any free port), or start an SDK';
    warnOnce(`rulescope: /metrics is not served (${reason}): ${cure}`, 'RULESCOPE_NO_ENDPOINT');
    return undefined;
  }
}
