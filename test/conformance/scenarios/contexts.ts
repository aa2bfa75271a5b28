import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { EventEmitter } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type * as api from '@opentelemetry/api';
import { ROOT_CONTEXT, context, createContextKey } from '@opentelemetry/api';
import { bindRule, setRule } from '@rulescope/instrumentation';
import type { Scenario } from '../Scenario';

const KEY = createContextKey('conformance');

/** The Context API with `attach`, which is experimental since 1.10. */
const attaching = context as typeof context & {
  attach?: (target: api.Context) => { dispose(): void };
};

/** Scenarios with OpenTelemetry Contexts. */
export const contexts: readonly Scenario[] = [
  {
    name: 'context.with(setRule(...))',
    needs: 'otel',
    async run(stage) {
      await context.with(setRule(ROOT_CONTEXT, 'a'), async () => {
        stage.burn('a');
        await Promise.resolve();
        stage.burn('a');
      });
      stage.burn();
    },
  },
  {
    name: 'context.with of a Context made inside a rule',
    needs: 'otel',
    run(stage) {
      stage.withRule('a', () => {
        context.with(context.active().setValue(KEY, 1), () => stage.burn('a'));
        stage.burn('a');
      });
    },
  },
  {
    name: 'context.with(ROOT_CONTEXT) leaves the rule',
    needs: 'otel',
    run(stage) {
      stage.withRule('a', () => {
        context.with(ROOT_CONTEXT, () => stage.burn());
        stage.burn('a');
      });
    },
  },
  {
    name: 'Context passed by hand',
    needs: 'otel',
    run(stage) {
      const inA = stage.withRule('a', () => context.active());
      stage.withRule('b', () => {
        context.with(inA, () => stage.burn('a'));
        stage.burn('b');
      });
    },
  },
  {
    name: 'context.bind of a function',
    needs: 'otel',
    run(stage) {
      const bound = context.bind(setRule(ROOT_CONTEXT, 'a'), () => stage.burn('a'));
      stage.withRule('b', () => {
        bound();
        stage.burn('b');
      });
      bound();
      stage.burn();
    },
  },
  {
    name: 'context.bind of an EventEmitter',
    needs: 'otel',
    run(stage) {
      const emitter = context.bind(setRule(ROOT_CONTEXT, 'a'), new EventEmitter());
      emitter.on('event', () => stage.burn('a'));
      stage.withRule('b', () => {
        emitter.emit('event');
        stage.burn('b');
      });
    },
  },
  {
    name: 'bindRule',
    needs: 'otel',
    run(stage) {
      const bound = bindRule('a', () => stage.burn('a'));
      stage.withRule('b', () => {
        bound();
        stage.burn('b');
      });
      bound();
    },
  },
  {
    name: 'context.attach',
    needs: 'otel',
    available: () => attaching.attach !== undefined,
    async run(stage) {
      const token = attaching.attach!(setRule(ROOT_CONTEXT, 'a'));
      stage.burn('a');
      await Promise.resolve();
      stage.burn('a');
      token.dispose();
      stage.burn();
    },
  },
  {
    name: 'a second copy of the API',
    needs: 'otel',
    run(stage) {
      const directory = mkdtempSync(join(tmpdir(), 'rulescope-api-'));
      cpSync(packageOf('@opentelemetry/api'), directory, { recursive: true });
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- loads a second copy
      const copy = require(directory) as typeof api;
      rmSync(directory, { recursive: true });
      stage.withRule('a', () => {
        const active = copy.context.active();
        copy.context.with(active.setValue(copy.createContextKey('copy'), 1), () => stage.burn('a'));
        copy.context.with(copy.ROOT_CONTEXT, () => stage.burn());
      });
      copy.context.with(setRule(copy.ROOT_CONTEXT, 'b'), () => stage.burn('b'));
      stage.burn();
    },
  },
];

function packageOf(name: string): string {
  let directory = dirname(require.resolve(name));
  while (!directory.endsWith(name)) directory = dirname(directory);
  return directory;
}
