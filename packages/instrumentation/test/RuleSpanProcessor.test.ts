import assert from 'node:assert/strict';
import { type Attributes, ROOT_CONTEXT, propagation, trace } from '@opentelemetry/api';
import type { NodeSDK } from '@opentelemetry/sdk-node';
import { boundedString } from '@rulescope/profiler/internal';
import { RuleSpanProcessor } from '../src/RuleSpanProcessor';
import { setRule, withRule } from '../src/rule';
import { cleanGlobals, instrument } from './support/globals';
import { startSdk } from './support/startSdk';

describe('RuleSpanProcessor', () => {
  cleanGlobals();
  const ended: [name: string, attributes: Attributes][] = [];
  let sdk: NodeSDK;
  beforeEach(() => {
    ended.length = 0;
    const keep = new (class extends RuleSpanProcessor {
      override onStart(): void {}
      override onEnd(span?: { name: string; attributes: Attributes }): void {
        ended.push([span!.name, { ...span!.attributes }]);
      }
    })();
    sdk = startSdk([new RuleSpanProcessor(), keep]);
  });
  afterEach(() => sdk.shutdown());

  const tracer = { start: (name: string) => trace.getTracer('test').startSpan(name) };

  it('gives a span the rule that it starts in, without a RuleInstrumentation', () => {
    tracer.start('outside').end();
    withRule('a', () => {
      const span = tracer.start('in a');
      withRule('b', () => {
        tracer.start('in b').end();
        span.end();
      });
    });
    assert.deepEqual(ended, [
      ['outside', {}],
      ['in b', { 'rulescope.rule.id': 'b' }],
      ['in a', { 'rulescope.rule.id': 'a' }],
    ]);
  });

  it('gives children the rule around them, also after the rule has changed in the parent', () => {
    trace.getTracer('test').startActiveSpan('parent', (parent) => {
      withRule('a', () => tracer.start('child').end());
      parent.end();
    });
    assert.deepEqual(ended, [
      ['child', { 'rulescope.rule.id': 'a' }],
      ['parent', {}],
    ]);
  });

  it('takes the rule of the Context that is given, and of baggage where rules propagate', () => {
    const start = (name: string, from = ROOT_CONTEXT): void =>
      trace.getTracer('test').startSpan(name, {}, from).end();
    withRule('active', () => start('given', setRule(ROOT_CONTEXT, 'given')));
    const received = propagation.extract(ROOT_CONTEXT, { baggage: 'rulescope.rule.id=in' });
    start('before', received);
    instrument(true, { propagate: true });
    start('received', received);
    assert.deepEqual(ended, [
      ['given', { 'rulescope.rule.id': 'given' }],
      ['before', {}],
      ['received', { 'rulescope.rule.id': 'in' }],
    ]);
  });

  it('shortens long ids', () => {
    const long = 'x'.repeat(1_000);
    withRule(long, () => tracer.start('long').end());
    assert.deepEqual(ended, [['long', { 'rulescope.rule.id': boundedString(long) }]]);
  });

  it('can be flushed and shut down, in any order', async () => {
    const processor = new RuleSpanProcessor();
    await processor.shutdown();
    await processor.forceFlush();
    await processor.shutdown();
  });
});
