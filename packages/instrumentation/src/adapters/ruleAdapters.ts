import { InvalidOptionError, knownKeys } from '@rulescope/profiler/internal';
import { AmqplibAdapter, type AmqplibConfig } from './AmqplibAdapter';
import { BullMqAdapter, type BullMqConfig } from './BullMqAdapter';
import { ExpressAdapter, type ExpressConfig } from './ExpressAdapter';
import { FastifyAdapter, type FastifyConfig } from './FastifyAdapter';
import { IoredisAdapter } from './IoredisAdapter';
import { JsonRulesEngineAdapter, type JsonRulesEngineConfig } from './JsonRulesEngineAdapter';
import { Mysql2Adapter } from './Mysql2Adapter';
import { NodeRedAdapter, type NodeRedConfig } from './NodeRedAdapter';
import { PgAdapter } from './PgAdapter';
import { PiscinaAdapter, type PiscinaConfig } from './PiscinaAdapter';
import { RedisAdapter } from './RedisAdapter';
import type { AdapterConfig, RuleAdapter } from './RuleAdapter';

/** Options of each adapter, by library. `false` leaves the adapter out. */
export interface RuleAdaptersConfig {
  readonly amqplib?: AmqplibConfig | false;
  readonly bullmq?: BullMqConfig | false;
  readonly express?: ExpressConfig | false;
  readonly fastify?: FastifyConfig | false;
  readonly ioredis?: AdapterConfig | false;
  readonly jsonRulesEngine?: JsonRulesEngineConfig | false;
  readonly mysql2?: AdapterConfig | false;
  readonly nodeRed?: NodeRedConfig | false;
  readonly pg?: AdapterConfig | false;
  readonly piscina?: PiscinaConfig | false;
  readonly redis?: AdapterConfig | false;
}

type Library = keyof RuleAdaptersConfig;

/** The adapters, in alphabetical order. */
const ADAPTERS: { [L in Library]-?: new (config: object) => RuleAdapter } = {
  amqplib: AmqplibAdapter,
  bullmq: BullMqAdapter,
  express: ExpressAdapter,
  fastify: FastifyAdapter,
  ioredis: IoredisAdapter,
  jsonRulesEngine: JsonRulesEngineAdapter,
  mysql2: Mysql2Adapter,
  nodeRed: NodeRedAdapter,
  pg: PgAdapter,
  piscina: PiscinaAdapter,
  redis: RedisAdapter,
};

/** Names of all adapters, as keys of {@link RuleAdaptersConfig}. */
export const ADAPTER_NAMES = Object.keys(ADAPTERS) as Library[];

/**
 * Returns an adapter for each supported library. Spread them into the `instrumentations` of your
 * SDK. A library that the application does not load costs nothing.
 *
 * @throws InvalidOptionError that names the option, its value and what is allowed.
 */
export function ruleAdapters(config: RuleAdaptersConfig = {}): RuleAdapter[] {
  knownKeys('RuleAdaptersConfig', config, ADAPTER_NAMES);
  return ADAPTER_NAMES.flatMap((library) => {
    const options: unknown = config[library] === undefined ? {} : config[library];
    if (options === false) return [];
    if (typeof options !== 'object' || options === null) {
      throw new InvalidOptionError(library, options, 'an object, or false to leave it out');
    }
    return [new ADAPTERS[library](options)];
  });
}
