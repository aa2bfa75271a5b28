import { diag, metrics } from '@opentelemetry/api';
import type { RuleMetrics } from '@rulescope/exporter';
import { registeredProvider } from '@rulescope/exporter/internal';
import { timers, warnOnce } from '@rulescope/profiler/internal';
import { MetricsServer } from './MetricsServer';
import type { Settings } from './environment';

/**
 * At first, look for an SDK often: what runs before it is found is not sampled. Meanwhile the port
 * stays free for an SDK that the application starts.
 */
const EARLY = { everyMillis: 20, forMillis: 5_000 };
const LATER = { everyMillis: 1_000, forMillis: Infinity };

type Address = Pick<Settings, 'host' | 'port'>;

/**
 * Gives `ruleMetrics` the MeterProvider of the SDK. If no SDK has registered one after some seconds,
 * serves the figures at `/metrics` until one does.
 */
export async function followSdk(ruleMetrics: RuleMetrics, address: Address): Promise<void> {
  let server: MetricsServer | undefined;
  if (!(await isSdkRegistered(EARLY))) {
    server = await startServer(address);
    // Without a server nobody would read what is sampled.
    if (server === undefined) ruleMetrics.disable();
    else ruleMetrics.setMeterProvider(server.provider);
    await isSdkRegistered(LATER);
    if (server !== undefined && address.port !== 0) warnOfLateSdk();
  }
  ruleMetrics.setMeterProvider(metrics.getMeterProvider());
  ruleMetrics.enable();
  await server?.close();
}

/**
 * Looks at once, and then every `everyMillis`, for a MeterProvider that is registered with the API.
 * Resolves with false if there is none after `forMillis`, however busy the event loop is. Does not
 * keep the process alive.
 */
async function isSdkRegistered({ everyMillis, forMillis }: typeof EARLY): Promise<boolean> {
  const end = timers.monotonicMillis() + forMillis;
  while (registeredProvider() === undefined) {
    if (timers.monotonicMillis() >= end) return false;
    await new Promise<void>((resolve) => void timers.setTimeout(resolve, everyMillis).unref());
  }
  return true;
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
