/**
 * What both processes of a test of propagation have: an SDK as users set it up, with its default
 * propagators. `start(config, others)` starts it, `headers()` and `receive(headers, fn)` do what
 * instrumentations of clients and servers do, and `work()` returns the rule in which it ran.
 */
export const PROCESS = `
  const { NodeSDK } = require('@opentelemetry/sdk-node');
  const { ROOT_CONTEXT, propagation, trace } = require('@opentelemetry/api');
  const { RuleInstrumentation, RuleMetrics, RuleSpanProcessor, getRule, withRule } = require('rulescope');
  const { getLabels } = require('@rulescope/profiler');
  const reader = new Reader();
  const spanRules = [];
  const keep = {
    onStart: () => undefined,
    onEnd: ({ attributes }) => spanRules.push(attributes['rulescope.rule.id'] ?? null),
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  const start = (config, others = []) => new NodeSDK({
    autoDetectResources: false,
    metricReaders: [reader],
    logRecordProcessors: [],
    spanProcessors: [new RuleSpanProcessor(), keep],
    instrumentations: [
      ...others, new RuleInstrumentation(config), new RuleMetrics({ windowMillis: 250 }),
    ],
  }).start();
  const headers = () => {
    const carrier = {};
    propagation.inject(context.active(), carrier);
    return carrier;
  };
  const receive = (carrier, fn) => context.with(propagation.extract(ROOT_CONTEXT, carrier), fn);
  const work = async () => {
    await sleep(1);
    burn(30);
    return { rule: getRule() ?? null, label: getLabels()?.rule ?? null };
  };
`;
