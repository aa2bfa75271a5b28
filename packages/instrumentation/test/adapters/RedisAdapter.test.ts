import assert from 'node:assert/strict';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { RedisAdapter } from '../../src/adapters/RedisAdapter';
import { getRule, withRule } from '../../src/rule';
import { cleanGlobals, instrument, register } from '../support/globals';
import { patchFile } from '../support/patchFile';

type Listener = (message: string) => void;

/** A stand-in for the subscriptions of a client. */
class PubSub {
  readonly listeners = new Map<string, Set<Listener>>();
  subscribe(type: string, channels: string | string[], listener: Listener): void {
    for (const channel of [channels].flat()) {
      const set = this.listeners.get(type + channel) ?? new Set();
      this.listeners.set(type + channel, set.add(listener));
    }
  }
  unsubscribe(type: string, channels?: string | string[], listener?: Listener): void {
    if (channels === undefined) this.listeners.clear();
    for (const channel of [channels ?? []].flat()) {
      if (listener === undefined) this.listeners.delete(type + channel);
      else this.listeners.get(type + channel)?.delete(listener);
    }
  }
  handleMessageReply([kind, channel, text]: [string, string, string]): void {
    const type = kind === 'message' ? 'CHANNELS' : 'PATTERNS';
    this.listeners.get(type + channel)?.forEach((listener) => listener(text));
  }
}

describe('RedisAdapter', () => {
  cleanGlobals();
  beforeEach(() => {
    register(new AsyncLocalStorageContextManager());
    instrument();
  });

  it('passes the answer of a command on, also of a queue that parses elsewhere', async () => {
    class Queue {
      addCommand(): Promise<string | undefined> {
        return Promise.resolve(getRule());
      }
    }
    const path = 'dist/lib/client/commands-queue.js';
    patchFile(new RedisAdapter(), path, { default: Queue });
    assert.equal(await withRule('a', () => new Queue().addCommand()), 'a');
  });

  describe('of a listener that several rules subscribe', () => {
    let adapter: RedisAdapter;
    let pubSub: PubSub;
    let seen: string[];
    const listener: Listener = (text) => seen.push(`${text} ${getRule()}`);
    const subscribe = (rule: string, type: string, channels: string | string[]): void =>
      withRule(rule, () => pubSub.subscribe(type, channels, listener));
    const publish = (...channels: string[]): string[] => {
      seen = [];
      for (const each of channels) {
        pubSub.handleMessageReply(['message', each, each]);
        pubSub.handleMessageReply(['pmessage', each, `p${each}`]);
      }
      return seen;
    };

    beforeEach(() => {
      adapter = new RedisAdapter();
      class Patched extends PubSub {}
      patchFile(adapter, 'dist/lib/client/pub-sub.js', { PubSub: Patched });
      pubSub = new Patched();
    });

    it('knows the rule of each channel and pattern', () => {
      subscribe('a', 'CHANNELS', '1');
      subscribe('b', 'CHANNELS', ['1', '2']);
      subscribe('c', 'PATTERNS', '1');
      assert.deepEqual(publish('1', '2'), ['1 a', 'p1 c', '2 b']);
    });

    it('forgets the rule of a channel that is unsubscribed in any way', () => {
      for (const unsubscribed of [['1', listener], [['1', '2'], listener], ['1'], []]) {
        subscribe('a', 'CHANNELS', '1');
        assert.deepEqual(publish('1'), ['1 a']);
        pubSub.unsubscribe('CHANNELS', ...(unsubscribed as [string, Listener]));
        assert.deepEqual(publish('1'), []);
        subscribe('b', 'CHANNELS', '1');
        assert.deepEqual(publish('1'), ['1 b']);
        pubSub.unsubscribe('CHANNELS');
      }
    });

    it('finds what was subscribed while the adapter was on or off', () => {
      subscribe('a', 'CHANNELS', '1');
      adapter.disable();
      subscribe('b', 'CHANNELS', '2');
      assert.deepEqual(publish('1', '2'), ['1 a', '2 undefined']);
      pubSub.unsubscribe('CHANNELS', '1', listener);
      adapter.enable();
      pubSub.unsubscribe('CHANNELS', '2', listener);
      assert.deepEqual(publish('1', '2'), []);
    });

    it('keeps the rule of a subscription that a cluster moves to another client', () => {
      subscribe('a', 'CHANNELS', '1');
      const { listeners } = pubSub;
      pubSub = new (pubSub.constructor as typeof PubSub)();
      listeners.forEach((set, key) => pubSub.listeners.set(key, set));
      assert.deepEqual(publish('1'), ['1 a']);
      pubSub.unsubscribe('CHANNELS', '1', listener);
      assert.deepEqual(publish('1'), []);
    });
  });
});
