import { strict as assert } from 'node:assert';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runProgram } from '../support/program';

/** `rules()` returns the rule in the Context and the rule in the label. */
const RULES = `
  const { RuleInstrumentation, RuleMetrics, getRule, setRule, withRule } = require('rulescope');
  const { labelStorage } = require('@rulescope/profiler/internal');
  const rules = () => [getRule(), labelStorage().currentLabelContext()?.labels?.rule];
`;

/** Runs the body of an asynchronous function. Returns what it passed to `json`. */
async function runSetup(body: string): Promise<readonly unknown[]> {
  const { json, codes, output } = await runProgram(`
    ${RULES}
    (async () => { ${body}; process.exit(0); })();
  `);
  assert.deepEqual(codes, [], output);
  return json;
}

describe('rulescope in any setup', () => {
  it('follows an ESM copy of API and SDK beside the CommonJS copies', async () => {
    const [copies, ...seen] = await runSetup(`
      const [api, hooks, sdk] = await Promise.all([
        import('@opentelemetry/api'),
        import('@opentelemetry/context-async-hooks'),
        import('@opentelemetry/sdk-metrics'),
      ]);
      json(hooks.AsyncLocalStorageContextManager !== AsyncLocalStorageContextManager);
      new RuleInstrumentation();
      new RuleMetrics({ windowMillis: 200 });
      const reader = new (class extends sdk.MetricReader {
        rules = Reader.prototype.rules;
        async onShutdown() {}
        async onForceFlush() {}
      })();
      api.metrics.setGlobalMeterProvider(new sdk.MeterProvider({ readers: [reader] }));
      api.context.setGlobalContextManager(new hooks.AsyncLocalStorageContextManager());
      await withRule('a', async () => {
        await sleep(1);
        json([...rules(), api.context.active() === context.active()]);
        api.context.with(setRule(api.context.active(), 'b'), () => json(rules()));
        context.with(setRule(context.active(), 'c'), () => json(rules()));
      });
      let found = [];
      while (found.length === 0) {
        withRule('a', () => burn(50));
        await sleep(1);
        found = await reader.rules();
      }
      json(found);
    `);
    // Only SDK 3.x has one copy for \`import\` and another one for \`require\`.
    assert.equal(copies, process.env['RULESCOPE_SDK'] === '3');
    assert.deepEqual(seen, [['a', 'a', true], ['b', 'b'], ['c', 'c'], ['a']]);
  });

  it('follows another copy of the API in the tree', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'rulescope-api-'));
    try {
      let root = dirname(require.resolve('@opentelemetry/api'));
      while (!root.endsWith('api')) root = dirname(root);
      cpSync(root, directory, { recursive: true, dereference: true });
      const seen = await runSetup(`
        const copy = require(${JSON.stringify(directory)});
        new RuleInstrumentation();
        copy.context.setGlobalContextManager(new AsyncLocalStorageContextManager());
        json(copy.context !== context);
        const flow = copy.context.with(setRule(copy.ROOT_CONTEXT, 'a'), async () => {
          await sleep(1);
          json(rules());
          withRule('b', () => json([...rules(), copy.context.active() === context.active()]));
        });
        await flow;
        const span = copy.trace.setSpan(copy.ROOT_CONTEXT, copy.trace.wrapSpanContext({}));
        copy.context.with(span, () => withRule('c', () => {
          json([...rules(), copy.trace.getSpan(copy.context.active()) !== undefined]);
        }));
      `);
      assert.deepEqual(seen, [true, ['a', 'a'], ['b', 'b', true], ['c', 'c', true]]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('a flow under way shows nothing of an SDK that was shut down to the next one', async () => {
    const seen = await runSetup(`
      const { NodeSDK } = require('@opentelemetry/sdk-node');
      const { trace } = require('@opentelemetry/api');
      process.env.OTEL_TRACES_EXPORTER = process.env.OTEL_LOGS_EXPORTER = 'none';
      const instrumentations = [new RuleInstrumentation()];
      const spanProcessors = [{
        onStart() {}, onEnd() {}, async forceFlush() {}, async shutdown() {},
      }];
      const start = () => {
        const sdk = new NodeSDK({ instrumentations, spanProcessors, metricReaders: [new Reader()] });
        sdk.start();
        return sdk;
      };
      const first = start();
      let goOn;
      const waits = new Promise((resolve) => (goOn = resolve));
      const see = () => [...rules(), trace.getActiveSpan() !== undefined];
      const flow = trace.getTracer('t').startActiveSpan('old', () => withRule('old', async () => {
        json(see());
        await waits;
        const found = see();
        // The label of a flow ends when it next enters a Context.
        json([found[0], found[2]]);
        withRule('new', () => json(see()));
      }));
      await first.shutdown();
      for (const api of [context, trace, metrics]) api.disable();
      start();
      goOn();
      await flow;
      trace.getTracer('t').startActiveSpan('span', () => withRule('later', () => json(see())));
    `);
    assert.deepEqual(seen, [
      ['old', 'old', true],
      [null, false],
      ['new', 'new', false],
      ['later', 'later', true],
    ]);
  });

  it('disabled and enabled again and again, labels are right each time', async () => {
    const seen = await runSetup(`
      const { ExpressAdapter } = require('rulescope/adapters');
      registerManager();
      const all = [new RuleInstrumentation(), new ExpressAdapter()];
      const { once } = require('node:events');
      const express = require('express');
      const app = express().get('/:id', async (_request, response) => {
        await sleep(0);
        response.json(rules());
      });
      const server = app.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const ask = async () =>
        (await fetch('http://127.0.0.1:' + server.address().port + '/7')).text();
      const found = new Set();
      for (let i = 0; i < 50; i++) {
        all.forEach((each) => each.disable());
        const off = withRule('a', rules);
        found.add('off ' + JSON.stringify(off) + (await ask()));
        all.forEach((each) => each.enable());
        found.add('on ' + JSON.stringify(withRule('a', rules)) + (await ask()));
      }
      found.forEach(json);
    `);
    assert.deepEqual(seen, ['off ["a",null][null,null]', 'on ["a","a"]["GET /:id","GET /:id"]']);
  });

  it('labels work that began before it was enabled from its next entry on', async () => {
    const seen = await runSetup(`
      registerManager();
      await withRule('a', async () => {
        await sleep(1);
        new RuleInstrumentation();
        json(rules());
        withRule('a', () => json(rules()));
        context.with(context.active(), () => json(rules()));
        await sleep(1);
        json(rules());
      });
    `);
    assert.deepEqual(seen, [
      ['a', null],
      ['a', 'a'],
      ['a', 'a'],
      ['a', null],
    ]);
  });
});
