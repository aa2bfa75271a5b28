import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { sharedCollector } from '@rulescope/profiler';
import { RuleInstrumentation } from 'rulescope';
import { Exports } from './figures';
import {
  type Figures,
  type Scenarios,
  createMetrics,
  exported,
  figures,
  job,
  print,
  samplingState,
  startProvider,
  startSdk,
  until,
  work,
} from './setup';

/** Ways of ending without workers. */
export const endings: Scenarios = {
  async shutdown() {
    const sdk = startSdk();
    const cpu = job();
    await sdk.shutdown();
    return figures(cpu);
  },

  async forceFlush() {
    const provider = startProvider();
    const found: Figures[] = [];
    for (let i = 0; i < 2; i++) {
      const cpu = job();
      await provider.forceFlush();
      found.push(figures(cpu));
    }
    return found;
  },

  async disable() {
    const ruleMetrics = createMetrics();
    const provider = startProvider(ruleMetrics);
    const cpu = job();
    ruleMetrics.disable();
    await provider.shutdown();
    return figures(cpu);
  },

  async exit() {
    const provider = startProvider();
    const cpu = job();
    await provider.forceFlush();
    print(figures(cpu));
    process.exit(3);
  },

  async sigterm() {
    const provider = startProvider();
    const alive = setInterval(() => undefined, 60_000);
    const cpu = job();
    const signal = new Promise((resolve) => process.once('SIGTERM', resolve));
    process.kill(process.pid, 'SIGTERM');
    await signal;
    await provider.shutdown();
    clearInterval(alive);
    return figures(cpu);
  },

  /** The window is more than a second old, because the job takes longer. */
  async reader() {
    startProvider();
    const cpu = job() + job() + job() + job();
    await exported.reader.forceFlush();
    return figures(cpu);
  },

  async after() {
    const sdk = startSdk();
    const during = samplingState();
    work('job', 0.05);
    await sdk.shutdown();
    return { during, after: samplingState() };
  },

  /** Only the reader is shut down. The next window shows that nobody reads any more. */
  async noReader() {
    startProvider();
    await exported.reader.shutdown();
    sharedCollector().rotate();
    await until(() => !sharedCollector().running);
    return samplingState();
  },

  /** Calls `enable()` while the provider shuts down, enabled before or not. */
  async enableAtTheEnd() {
    const states = [];
    for (const enabledBefore of [false, true]) {
      const ruleMetrics = createMetrics();
      const provider = new MeterProvider({ readers: [new Exports().reader] });
      new RuleInstrumentation();
      ruleMetrics.setMeterProvider(provider);
      if (!enabledBefore) ruleMetrics.disable();
      const shutdown = provider.shutdown();
      if (enabledBefore) ruleMetrics.disable();
      ruleMetrics.enable();
      await shutdown;
      await new Promise((resolve) => setImmediate(resolve));
      states.push(samplingState());
    }
    return states;
  },
};
