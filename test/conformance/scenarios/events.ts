import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter, once } from 'node:events';
import type { Scenario } from '../Scenario';

export const events: readonly Scenario[] = [
  {
    name: 'EventEmitter',
    run(stage) {
      const emitter = new EventEmitter();
      // A listener is called directly, so it runs in the flow of the emitting code.
      stage.withRule('a', () => emitter.on('event', (rule?: string) => stage.burn(rule)));
      stage.withRule('b', () => emitter.emit('event', 'b'));
      emitter.emit('event');
    },
  },
  {
    name: 'EventEmitter, listener bound by AsyncResource',
    run(stage) {
      const emitter = new EventEmitter();
      stage.withRule('a', () =>
        emitter.on(
          'event',
          AsyncResource.bind(() => stage.burn('a')),
        ),
      );
      stage.withRule('b', () => {
        emitter.emit('event');
        stage.burn('b');
      });
    },
  },
  {
    name: 'events.once',
    async run(stage) {
      const emitter = new EventEmitter();
      const waiting = stage.withRule('a', async () => {
        await once(emitter, 'event');
        stage.burn('a');
      });
      stage.withRule('b', () => emitter.emit('event'));
      await waiting;
      stage.burn();
    },
  },
  {
    name: 'EventTarget',
    run(stage) {
      const target = new EventTarget();
      let expected: string | undefined;
      stage.withRule('a', () => target.addEventListener('event', () => stage.burn(expected)));
      expected = 'b';
      stage.withRule('b', () => target.dispatchEvent(new Event('event')));
      expected = undefined;
      target.dispatchEvent(new Event('event'));
    },
  },
  {
    name: 'AbortSignal',
    run(stage) {
      const controller = new AbortController();
      stage.withRule('a', () => controller.signal.addEventListener('abort', () => stage.burn('b')));
      stage.withRule('b', () => controller.abort());
      stage.burn();
    },
  },
  {
    name: 'AsyncResource.runInAsyncScope',
    run(stage) {
      const resource = stage.withRule('a', () => new AsyncResource('conformance'));
      stage.withRule('b', () => {
        resource.runInAsyncScope(() => stage.burn('a'));
        stage.burn('b');
      });
      resource.runInAsyncScope(() => stage.burn('a'));
      stage.burn();
    },
  },
  {
    name: 'AsyncLocalStorage.snapshot',
    run(stage) {
      const inA = stage.withRule('a', () => AsyncLocalStorage.snapshot());
      stage.withRule('b', () => {
        inA(() => stage.burn('a'));
        stage.burn('b');
      });
    },
  },
  {
    name: 'AsyncLocalStorage.exit of another storage',
    run(stage) {
      const storage = new AsyncLocalStorage<number>();
      stage.withRule('a', () =>
        storage.run(1, () => {
          storage.exit(() => stage.burn('a'));
          stage.burn('a');
        }),
      );
      stage.burn();
    },
  },
  {
    name: 'queue of unbound callbacks',
    run(stage) {
      const queue: (() => void)[] = [];
      // Unbound callbacks run in the rule that drains the queue.
      stage.withRule('a', () => queue.push(() => stage.burn('drain')));
      stage.withRule('drain', () => queue.forEach((fn) => fn()));
      stage.burn();
    },
  },
  {
    name: 'queue of bound callbacks',
    run(stage) {
      const queue: (() => void)[] = [];
      for (const rule of ['a', 'b']) {
        stage.withRule(rule, () => queue.push(AsyncResource.bind(() => stage.burn(rule))));
      }
      stage.withRule('drain', () => {
        queue.forEach((fn) => fn());
        stage.burn('drain');
      });
      stage.burn();
    },
  },
];
