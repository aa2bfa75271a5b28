import { execFileSync } from 'node:child_process';
import { debianFile } from '../repository';

/** The folder of OpenTelemetry's own schema. */
export const SCHEMA = debianFile('opentelemetry-proto', 'usr/include');
export const METRICS_SERVICE = 'opentelemetry/proto/collector/metrics/v1/metrics_service.proto';
export const METRICS_REQUEST =
  'opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest';

/** A data point of a sum or a gauge. */
interface Point {
  readonly attributes: Record<string, string>;
  readonly value: number;
}

interface DecodedMetric {
  readonly unit: string;
  /** Such as `AGGREGATION_TEMPORALITY_DELTA`. Gauges have none. */
  readonly temporality: string | undefined;
  readonly points: readonly Point[];
}

export interface DecodedExport {
  readonly resource: Record<string, string>;
  /** Sums and gauges by name. */
  readonly metrics: ReadonlyMap<string, DecodedMetric>;
}

/**
 * Decodes the body of an export of metrics with `protoc` and OpenTelemetry's own schema, which no
 * part of OpenTelemetry JS has a share in. Fails if the schema does not know a field.
 */
export function decodeMetrics(body: Uint8Array): DecodedExport {
  const args = [`--decode=${METRICS_REQUEST}`, `--proto_path=${SCHEMA}`, METRICS_SERVICE];
  const lines = execFileSync('protoc', args, { input: body, encoding: 'utf8' }).split('\n');
  const [resourceMetrics] = parseText(lines).messages('resource_metrics');
  const metrics = resourceMetrics!
    .messages('scope_metrics')
    .flatMap((scope) => scope.messages('metrics'))
    .map((metric): [string, DecodedMetric] => {
      const [data] = [...metric.messages('sum'), ...metric.messages('gauge')];
      return [
        metric.text('name')!,
        {
          unit: metric.text('unit') ?? '',
          temporality: data?.text('aggregation_temporality'),
          points: (data?.messages('data_points') ?? []).map((point) => ({
            attributes: attributesOf(point),
            value: Number(point.text('as_double') ?? point.text('as_int')),
          })),
        },
      ];
    });
  return {
    resource: attributesOf(resourceMetrics!.messages('resource')[0]!),
    metrics: new Map(metrics),
  };
}

/** Returns the values of a metric by rule. */
export function byRule({ metrics }: DecodedExport, name: string): Record<string, number> {
  const points = metrics.get(name)?.points ?? [];
  return Object.fromEntries(
    points.map(({ attributes, value }) => [attributes['rulescope.rule.id']!, value]),
  );
}

function attributesOf(message: Message): Record<string, string> {
  return Object.fromEntries(
    message.messages('attributes').map((attribute) => {
      const [value] = attribute.messages('value');
      return [attribute.text('key')!, value?.anyText() ?? ''];
    }),
  );
}

/** A message in protobuf's text format. */
class Message {
  private readonly fields: [string, string | Message][] = [];

  add(name: string, value: string | Message): void {
    // An unknown field has a number for a name.
    if (/^\d/.test(name)) throw new Error(`the schema has no field ${name}`);
    this.fields.push([name, value]);
  }

  messages(name: string): Message[] {
    return this.fields.flatMap(([key, value]) =>
      key === name && value instanceof Message ? [value] : [],
    );
  }

  text(name: string): string | undefined {
    const found = this.fields.find(([key, value]) => key === name && typeof value === 'string');
    return found?.[1] as string | undefined;
  }

  /** Returns the first field that is no message. */
  anyText(): string | undefined {
    return this.fields.map(([, value]) => value).find((value) => typeof value === 'string');
  }
}

function parseText(lines: readonly string[]): Message {
  const open = [new Message()];
  for (const line of lines) {
    const [, name, value] = /^\s*(\w+)(?:: (.*)| \{)$/.exec(line) ?? [];
    if (name === undefined) {
      if (line.trim() === '}') open.pop();
    } else if (value === undefined) {
      const message = new Message();
      open.at(-1)!.add(name, message);
      open.push(message);
    } else {
      open.at(-1)!.add(name, value.startsWith('"') ? (JSON.parse(value) as string) : value);
    }
  }
  return open[0]!;
}
