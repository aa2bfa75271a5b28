/** Value of a resource attribute. */
export type ResourceValue = string | number | boolean | readonly (string | number | boolean)[];
export type ResourceAttributes = Readonly<Record<string, ResourceValue>>;

/** What environment variables set. `undefined`: no variable sets it. */
export interface EnvironmentSettings {
  readonly url: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMillis: number | undefined;
  readonly compression: 'gzip' | 'none' | undefined;
  readonly resource: ResourceAttributes;
}

/** Path of the signal below `OTEL_EXPORTER_OTLP_ENDPOINT`. */
export const PATH = '/v1development/profiles';

/**
 * Reads the variables of OpenTelemetry's specification ("OpenTelemetry Protocol Exporter" and
 * "Resource SDK"). A variable of the signal, such as `OTEL_EXPORTER_OTLP_PROFILES_HEADERS`, comes
 * before the one of all signals. An empty value counts as not set.
 *
 * @param warn Receives the reason why a value is ignored.
 */
export function readEnvironment(
  env: NodeJS.ProcessEnv,
  warn: (message: string) => void,
): EnvironmentSettings {
  const parse = <T>(name: string, read: (text: string) => T | undefined, allowed: string) => {
    const text = env[name]?.trim();
    if (!text) return undefined;
    const value = read(text);
    if (value === undefined) warn(`${name} must be ${allowed}; it is ignored`);
    return value;
  };
  const either = <T>(name: string, read: (text: string) => T | undefined, allowed: string) =>
    parse(`OTEL_EXPORTER_OTLP_PROFILES_${name}`, read, allowed) ??
    parse(`OTEL_EXPORTER_OTLP_${name}`, read, allowed);
  const pairs = (name: string): Record<string, string> =>
    parse(name, parsePairs, 'pairs like key1=value1,key2=value2, percent-encoded') ?? {};
  const ofService = pairs('OTEL_RESOURCE_ATTRIBUTES');
  const service = env['OTEL_SERVICE_NAME']?.trim();
  return {
    url:
      parse('OTEL_EXPORTER_OTLP_PROFILES_ENDPOINT', httpUrl, HTTP_URL) ??
      parse('OTEL_EXPORTER_OTLP_ENDPOINT', (text) => httpUrl(text, PATH), HTTP_URL),
    headers: {
      ...pairs('OTEL_EXPORTER_OTLP_HEADERS'),
      ...pairs('OTEL_EXPORTER_OTLP_PROFILES_HEADERS'),
    },
    timeoutMillis: either('TIMEOUT', positiveInteger, 'milliseconds, 1 to 600000'),
    compression: either('COMPRESSION', compressionOf, 'gzip or none'),
    resource: {
      'service.name': 'unknown_service:node',
      ...ofService,
      ...(service && { 'service.name': service }),
    },
  };
}

export const HTTP_URL = 'a URL that begins with http:// or https://';

/**
 * Returns `text` as a URL, with `path` appended to its path. Returns `undefined` if it is no HTTP
 * URL.
 */
export function httpUrl(text: string, path = ''): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  if (path !== '') url.pathname = url.pathname.replace(/\/*$/, path);
  return url.href;
}

/** Parses the format of W3C Baggage. One bad pair makes the whole text bad. */
function parsePairs(text: string): Record<string, string> | undefined {
  const pairs: [string, string][] = [];
  for (const member of text.split(',').filter((each) => each.trim() !== '')) {
    const at = member.indexOf('=');
    const key = decode(member.slice(0, Math.max(at, 0)));
    const value = decode(member.slice(at + 1));
    if (!key || value === undefined) return undefined;
    pairs.push([key, value]);
  }
  return Object.fromEntries(pairs);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return undefined;
  }
}

function positiveInteger(text: string): number | undefined {
  const value = Number(text);
  return Number.isInteger(value) && value >= 1 && value <= 600_000 ? value : undefined;
}

function compressionOf(text: string): 'gzip' | 'none' | undefined {
  return text === 'gzip' || text === 'none' ? text : undefined;
}
