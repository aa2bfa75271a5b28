import { type Agent, validateHeaderName, validateHeaderValue } from 'node:http';
import { InvalidOptionError } from '@rulescope/profiler';
import { integerInRange, knownKeys, nonEmptyString, oneOf } from '@rulescope/profiler/internal';
import {
  HTTP_URL,
  PATH,
  type ResourceAttributes,
  type ResourceValue,
  httpUrl,
  readEnvironment,
} from './environment';

/** Options of `RuleProfileExporter`. An option comes before its environment variable. */
export interface RuleProfileExporterOptions {
  /**
   * Address that requests go to, complete. Default: `OTEL_EXPORTER_OTLP_PROFILES_ENDPOINT`, or
   * `OTEL_EXPORTER_OTLP_ENDPOINT` with `/v1development/profiles` appended, or
   * `http://localhost:4318/v1development/profiles`.
   */
  readonly url?: string;
  /**
   * Headers of each request. They are added to those of `OTEL_EXPORTER_OTLP_HEADERS` and
   * `OTEL_EXPORTER_OTLP_PROFILES_HEADERS`.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Time for one profile with all attempts to send it, milliseconds, 1 to 600,000. Default:
   * `OTEL_EXPORTER_OTLP_PROFILES_TIMEOUT`, `OTEL_EXPORTER_OTLP_TIMEOUT` or 10,000.
   */
  readonly timeoutMillis?: number;
  /**
   * Compression of requests. Default: `OTEL_EXPORTER_OTLP_PROFILES_COMPRESSION`,
   * `OTEL_EXPORTER_OTLP_COMPRESSION` or `none`.
   */
  readonly compression?: 'gzip' | 'none';
  /**
   * Resource attributes. They are added to those of `OTEL_RESOURCE_ATTRIBUTES` and
   * `OTEL_SERVICE_NAME`. Without any, `service.name` is `unknown_service:node`.
   */
  readonly resource?: ResourceAttributes;
  /**
   * Keep at most this many profiles that wait to be sent, 1 to 1,000. Default 32. One more drops
   * the oldest.
   */
  readonly maxQueueSize?: number;
  /** Key of the label that holds the id of the active trace. Default `trace_id`. */
  readonly traceIdLabel?: string;
  /** Key of the label that holds the id of the active span. Default `span_id`. */
  readonly spanIdLabel?: string;
  /**
   * Agent of the connections, for example for client certificates. Default: the global agent of
   * `node:http` or `node:https`.
   */
  readonly agent?: Agent;
}

export interface ResolvedOptions extends Required<Omit<RuleProfileExporterOptions, 'agent'>> {
  readonly agent: Agent | undefined;
}

const KEYS = [
  'url',
  'headers',
  'timeoutMillis',
  'compression',
  'resource',
  'maxQueueSize',
  'traceIdLabel',
  'spanIdLabel',
  'agent',
] as const satisfies readonly (keyof RuleProfileExporterOptions)[];

/**
 * Returns `options` with the environment and the defaults filled in.
 *
 * @param warn Receives the reason why an environment variable is ignored.
 * @throws InvalidOptionError that names the option, its value and what is allowed.
 */
export function resolveOptions(
  options: RuleProfileExporterOptions,
  env: NodeJS.ProcessEnv,
  warn: (message: string) => void,
): ResolvedOptions {
  knownKeys('RuleProfileExporterOptions', options, KEYS);
  const given = readEnvironment(env, warn);
  const {
    url = given.url ?? `http://localhost:4318${PATH}`,
    headers = {},
    resource = {},
  } = options;
  if (typeof url !== 'string' || httpUrl(url) === undefined) {
    throw new InvalidOptionError('url', url, HTTP_URL);
  }
  if (options.agent !== undefined && typeof options.agent !== 'object') {
    throw new InvalidOptionError('agent', options.agent, 'an agent of node:http or node:https');
  }
  return {
    url,
    headers: { ...validHeaders(given.headers, warn), ...checkedHeaders(headers) },
    timeoutMillis: integerInRange(
      'timeoutMillis',
      options.timeoutMillis ?? given.timeoutMillis ?? 10_000,
      1,
      600_000,
    ),
    compression: oneOf('compression', options.compression ?? given.compression ?? 'none', [
      'gzip',
      'none',
    ]),
    resource: { ...given.resource, ...checkedResource(resource) },
    maxQueueSize: integerInRange('maxQueueSize', options.maxQueueSize ?? 32, 1, 1_000),
    traceIdLabel: nonEmptyString('traceIdLabel', options.traceIdLabel ?? 'trace_id'),
    spanIdLabel: nonEmptyString('spanIdLabel', options.spanIdLabel ?? 'span_id'),
    agent: options.agent,
  };
}

function checkedHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(plainObject('headers', headers)).map(([name, value]) => {
      // The value is not shown: it may be a secret.
      if (!isHeader(name, value)) {
        throw new InvalidOptionError(`headers.${name}`, typeof value, 'a valid HTTP header');
      }
      return [name.toLowerCase(), value];
    }),
  );
}

/** Returns the valid headers among those of the environment. */
function validHeaders(
  headers: Readonly<Record<string, string>>,
  warn: (message: string) => void,
): Record<string, string> {
  const valid: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (isHeader(name, value)) valid[name.toLowerCase()] = value;
    else warn(`OTEL_EXPORTER_OTLP_HEADERS must have valid HTTP headers; ${name} is ignored`);
  }
  return valid;
}

function isHeader(name: string, value: unknown): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value as string);
    return typeof value === 'string';
  } catch {
    return false;
  }
}

function checkedResource(resource: ResourceAttributes): ResourceAttributes {
  for (const [key, value] of Object.entries(plainObject('resource', resource))) {
    const items: readonly ResourceValue[] = Array.isArray(value) ? value : [value];
    if (!items.every((item) => ['string', 'number', 'boolean'].includes(typeof item))) {
      const allowed = 'a string, number, boolean or an array of them';
      throw new InvalidOptionError(`resource.${key}`, value, allowed);
    }
  }
  return resource;
}

function plainObject<T extends object>(option: string, value: T): T {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new InvalidOptionError(option, value, 'a plain object');
}
