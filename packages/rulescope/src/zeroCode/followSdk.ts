import { diag, metrics } from '@opentelemetry/api';
import type { RuleMetrics } from '@rulescope/exporter';
import { registeredProvider } from '@rulescope/exporter/internal';
import { timers, warnOnce } from '@rulescope/profiler/internal';
import { MetricsServer } from './MetricsServer';
import type { Settings } from './environment';

const CHECK_MILLIS = 1_000;

/** Until then, the port stays free for an SDK that the application starts. */
const CHECKS_UNTIL_SERVED = 5;

type Address = Pick<Settings, 'host' | 'port'>;

/**
 * Gives `ruleMetrics` the MeterProvider of the SDK. If no SDK has registered one after some seconds,
 * serves the figures at `/metrics` until one does.
 */
export async function followSdk(ruleMetrics: RuleMetrics, address: Address): Promise<void> {
  let server: MetricsServer | undefined;
  if (!(await isSdkRegistered(CHECKS_UNTIL_SERVED))) {
    server = await startServer(address);
    // Without a server nobody would read what is sampled.
    if (server === undefined) ruleMetrics.disable();
    else ruleMetrics.setMeterProvider(server.provider);
    await isSdkRegistered(Infinity);
  }
  ruleMetrics.setMeterProvider(metrics.getMeterProvider());
  ruleMetrics.enable();
  await server?.close();
}

/**
 * Looks at once, and then once a second, for a MeterProvider that is registered with the API.
 * Resolves with false after so many checks in vain. Does not keep the process alive.
 */
async function isSdkRegistered(checks: number): Promise<boolean> {
  for (let check = 0; check < checks; check++) {
    if (registeredProvider() !== undefined) return true;
    await new Promise<void>((resolve) => void timers.setTimeout(resolve, CHECK_MILLIS).unref());
  }
  return false;
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
        : `set RULESCOPE_METRICS_PORT, to 0 for any free port, or start an SDK`;
    warnOnce(`rulescope: /metrics is not served (${reason}): ${cure}`, 'RULESCOPE_NO_ENDPOINT');
    return undefined;
  }
}
