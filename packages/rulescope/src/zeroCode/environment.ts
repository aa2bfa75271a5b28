import type { MetricGroups, RuleMetricsConfig } from '@rulescope/exporter';
import { collectorOptionsOf, resolveSeriesOptions } from '@rulescope/exporter/internal';
import {
  InvalidOptionError,
  boolean,
  checkCollectorOptions,
  integerInRange,
} from '@rulescope/profiler/internal';
import type { RuleInstrumentationConfig } from '@rulescope/instrumentation';
import { nearest } from './nearest';

/** What the environment asks for. */
export interface Settings {
  /** False if nothing is to start. */
  readonly enabled: boolean;
  readonly instrumentation: Pick<RuleInstrumentationConfig, 'propagate' | 'spanLabels'>;
  readonly metrics: RuleMetricsConfig;
  /** The adapters to leave out, as in the options of `ruleAdapters`. False if all are. */
  readonly adapters: Readonly<Record<string, false>> | false;
  readonly host: string;
  readonly port: number;
  /** Each variable `RULESCOPE_...` that does not exist, with the existing one of the nearest name. */
  readonly unknown: readonly { readonly name: string; readonly nearest: string }[];
}

/** Makes a value of the text of the variable `name`. Leaves text that fits nothing as it is. */
type Parse<T = unknown> = (text: string, name: string) => T;

const GROUPS: readonly (keyof MetricGroups)[] = ['rule', 'process', 'profiler', 'functions'];

/** Variables of the options of `RuleMetrics`, which checks their values. */
const METRICS: Readonly<Record<string, readonly [keyof RuleMetricsConfig, Parse]>> = {
  RULESCOPE_WINDOW_MILLIS: ['windowMillis', number],
  RULESCOPE_PERIOD_MILLIS: ['periodMillis', number],
  RULESCOPE_SAMPLING_INTERVAL_MICROS: ['samplingIntervalMicros', number],
  RULESCOPE_FAIR_SAMPLING: ['fairSampling', trueOrFalse],
  RULESCOPE_LABELS: ['labels', list],
  RULESCOPE_METRICS: ['metrics', groups],
  RULESCOPE_FUNCTIONS_PER_RULE: ['functionsPerRule', number],
  RULESCOPE_MAX_ACTIVE_SERIES: ['maxActiveSeries', number],
  RULESCOPE_MAX_LIFETIME_SERIES: ['maxLifetimeSeries', number],
  RULESCOPE_RETIRE_AFTER_WINDOWS: ['retireAfterWindows', number],
};

/** All variables of our own. */
export const VARIABLES = [
  'RULESCOPE_ENABLED',
  'RULESCOPE_ADAPTERS',
  'RULESCOPE_PROPAGATE',
  'RULESCOPE_SPAN_LABELS',
  'RULESCOPE_METRICS_HOST',
  'RULESCOPE_METRICS_PORT',
  ...Object.keys(METRICS),
];

/**
 * Returns what the environment variables ask for. The README describes each of them.
 * An empty variable counts as not set.
 *
 * @param adapters Names of all adapters, or `undefined` if they are not installed.
 * @throws InvalidOptionError that names the variable, its value and what is allowed.
 */
export function readEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
  adapters: readonly string[] | undefined,
): Settings {
  const read = <T>(name: string, parse: Parse<T>): T | undefined => {
    const text = variables[name]?.trim();
    return text === undefined || text === '' ? undefined : parse(text, name);
  };
  const flag = (name: string): boolean | undefined =>
    read(name, (text) => boolean(name, trueOrFalse(text)));
  const port: Parse<number> = (text, name) => integerInRange(name, number(text), 0, 65_535);
  const given = Object.entries(METRICS).flatMap(([name, [option, parse]]) => {
    const value = read(name, parse);
    return value === undefined ? [] : [[option, value] as const];
  });
  const metrics: RuleMetricsConfig = Object.fromEntries(given);
  checkMetrics(metrics);
  return {
    enabled: flag('RULESCOPE_ENABLED') ?? true,
    instrumentation: {
      propagate: flag('RULESCOPE_PROPAGATE') ?? false,
      spanLabels: flag('RULESCOPE_SPAN_LABELS') ?? false,
    },
    metrics,
    adapters: read('RULESCOPE_ADAPTERS', leftOutOf(adapters)) ?? {},
    host:
      read('RULESCOPE_METRICS_HOST', String) ??
      read('OTEL_EXPORTER_PROMETHEUS_HOST', String) ??
      'localhost',
    port:
      read('RULESCOPE_METRICS_PORT', port) ?? read('OTEL_EXPORTER_PROMETHEUS_PORT', port) ?? 9464,
    unknown: Object.keys(variables)
      .filter((name) => name.startsWith('RULESCOPE_') && !VARIABLES.includes(name))
      .map((name) => ({ name, nearest: nearest(name, VARIABLES) })),
  };
}

/** Checks the options as `RuleMetrics` does, and names the variable instead of the option. */
function checkMetrics(config: RuleMetricsConfig): void {
  try {
    resolveSeriesOptions(config);
    checkCollectorOptions(collectorOptionsOf(config));
  } catch (error) {
    if (!(error instanceof InvalidOptionError)) throw error;
    const [option = ''] = error.option.split(/[.[]/, 1);
    const variable = Object.keys(METRICS).find((name) => METRICS[name]?.[0] === option) ?? option;
    const where = variable + error.option.slice(option.length);
    throw new InvalidOptionError(where, error.value, error.allowed);
  }
}

function number(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}

function trueOrFalse(text: string): boolean | string {
  const known = new Map([
    ['true', true],
    ['false', false],
  ]);
  return known.get(text.toLowerCase()) ?? text;
}

function list(text: string): string[] {
  return text.split(',').map((item) => item.trim());
}

function groups(text: string, name: string): MetricGroups {
  const on = list(text);
  if (on.some((group) => !(GROUPS as string[]).includes(group))) {
    throw new InvalidOptionError(name, text, `a list of ${GROUPS.join(', ')}`);
  }
  return Object.fromEntries(GROUPS.map((group) => [group, on.includes(group)]));
}

/** Returns a parser of `none`, of a list of names, or of the names to leave out, as in `-pg,-redis`. */
function leftOutOf(all: readonly string[] | undefined): Parse<Settings['adapters']> {
  return (text, name) => {
    if (text === 'none') return false;
    if (all === undefined) return {};
    const given = list(text);
    const minus = given.filter((item) => item.startsWith('-')).map((item) => item.slice(1));
    const named = minus.length > 0 ? minus : given;
    if (named.length !== given.length || named.some((item) => !all.includes(item))) {
      const allowed = `none, or a list of ${all.join(', ')}, with a minus before each or before none`;
      throw new InvalidOptionError(name, text, allowed);
    }
    const off = minus.length > 0 ? minus : all.filter((adapter) => !given.includes(adapter));
    return Object.fromEntries(off.map((adapter) => [adapter, false]));
  };
}
