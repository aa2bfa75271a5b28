import type { EventEmitter } from 'node:events';
import { getRule, withRule } from '../rule';
import { safeRule } from '../wrapRule';
import { bindContext } from './Askers';
import { PoolAdapter } from './PoolAdapter';
import type { AdapterConfig, LibraryFile } from './RuleAdapter';

/** What this adapter knows of a message of amqplib. */
export interface AmqpMessage {
  readonly content: Buffer;
  readonly fields: {
    readonly consumerTag?: string;
    readonly exchange: string;
    readonly routingKey: string;
  };
  readonly properties: { readonly headers?: Readonly<Record<string, unknown>> };
}

/** Options of {@link AmqplibAdapter}. */
export interface AmqplibConfig extends AdapterConfig {
  /**
   * Returns the rule id of a consumed message, or `undefined` to leave it to the rule that called
   * `consume`. Default: all messages belong to that rule.
   */
  readonly ruleOf?: (message: AmqpMessage) => string | undefined;
}

type Consumer = (message: AmqpMessage | null) => unknown;

/** The option `recovery` of a connection. */
type Recovery = { readonly setup?: (...args: unknown[]) => unknown } | boolean;

interface Class {
  readonly prototype: object;
}

/**
 * Gives the work of connections of amqplib to the rules that it is done for: the answer to a call
 * to the rule that called, a consumed message to the rule that consumes.
 */
export class AmqplibAdapter extends PoolAdapter<AmqplibConfig> {
  /** @throws InvalidOptionError that names the option, its value and what is allowed. */
  constructor(config: AmqplibConfig = {}) {
    super('amqplib', config, ['ruleOf']);
  }

  protected override files(): LibraryFile<never>[] {
    const file = { library: 'amqplib', versions: ['>=1 <3'] };
    return [
      {
        ...file,
        path: 'lib/connect.js',
        patch: (exports: object) => {
          this.detachMethods(exports, 'connect');
          this.bindCallbacks(exports, 'connect');
        },
      },
      {
        ...file,
        path: 'lib/connection.js',
        patch: ({ Connection }: { Connection: Class }) =>
          this.bindCallbacks(Connection.prototype, 'closeBecause', '_updateSecret'),
      },
      {
        ...file,
        path: 'lib/channel.js',
        patch: (exports: { Channel: { prototype: EventEmitter }; BaseChannel: Class }) => {
          const { prototype } = exports.Channel;
          this.bindCallbacks(prototype, 'sendOrEnqueue', 'closeBecause', 'pushConfirmCallback');
          this.bindListeners(prototype, 'return', 'drain');
          this.bindCallbacks(exports.BaseChannel.prototype, 'registerConsumer');
          this.around(prototype, 'allocate', (channel, _, allocate) => {
            this.followConsumers(channel);
            return allocate();
          });
        },
      },
      {
        ...file,
        path: 'lib/callback_model.js',
        patch: ({ Channel }: { Channel: Class }) => this.bindCallbacks(Channel.prototype, 'get'),
      },
      {
        ...file,
        path: 'lib/recovery.js',
        patch: (exports: object) => {
          for (const method of ['connectWithRecoveryPromise', 'connectWithRecoveryCallback']) {
            this.around(exports, method, (_, [open, recovery, ...rest], connect) =>
              connect(open, bindSetup(recovery as Recovery), ...rest),
            );
          }
        },
      },
    ];
  }

  /**
   * Enters the rule of each message. Not on the prototype: OpenTelemetry's own instrumentation may
   * change `consume` there later, and gives each message a Context of its own, without a rule.
   */
  private followConsumers(channel: object): void {
    this.around(channel, 'consume', (_, [queue, consumer, ...rest], consume) => {
      if (typeof consumer !== 'function') return consume(queue, consumer, ...rest);
      const subscriber = getRule();
      const inRule: Consumer = (message) => {
        const rule = this.ruleOf(message) ?? subscriber;
        const call = (): unknown => (consumer as Consumer)(message);
        return rule === undefined ? call() : withRule(rule, call);
      };
      return consume(queue, inRule, ...rest);
    });
  }

  private ruleOf(message: AmqpMessage | null): string | undefined {
    const { ruleOf } = this._config;
    return message === null || ruleOf === undefined ? undefined : safeRule(() => ruleOf(message));
  }
}

/** `setup` runs again after each loss of the connection, outside the rule that connected. */
function bindSetup(recovery: Recovery): Recovery {
  if (typeof recovery !== 'object' || typeof recovery.setup !== 'function') return recovery;
  const { setup } = recovery;
  // amqplib passes a callback to a function with two parameters.
  const length = { value: setup.length };
  return { ...recovery, setup: Object.defineProperty(bindContext(setup), 'length', length) };
}
