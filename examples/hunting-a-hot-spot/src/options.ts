import { parseArgs } from 'node:util';
import { VARIANTS } from './variants';

/** Options of the replay. */
export interface ReplayOptions {
  /** Directory of the log. */
  readonly log: string;
  /** Name of one of `VARIANTS`. */
  readonly variant: string;
  /** Of `/metrics` and `/debug/pprof`; 0 means any free port. */
  readonly port: number;
  /** Length of a profile window, seconds. */
  readonly window: number;
  /** Name of a series to print. */
  readonly query: string | undefined;
  /** Directory for a CPU profile of each thread. */
  readonly profiles: string | undefined;
  /** Serve metrics until a signal, so that the last figures can be read. */
  readonly stay: boolean;
  /** End after the next scrape, so that Prometheus has the last figures. */
  readonly lastScrape: boolean;
  /** Print one line of JSON. */
  readonly json: boolean;
  readonly help: boolean;
}

/** Options of the generator. */
export interface GenerateOptions {
  readonly log: string;
  readonly samples: number;
  readonly series: number;
  readonly seed: number;
  readonly segmentBytes: number;
  readonly help: boolean;
}

const NAMES = Object.keys(VARIANTS);

/** Port of the first variant. The others follow. */
const FIRST_PORT = 9470;

export const REPLAY_USAGE = `Usage: npm run replay -- [options]

Loads a log into eight worker threads and prints what it loaded. /metrics and /debug/pprof are served meanwhile.

  --variant NAME  one of ${NAMES.join(', ')} (default slow)
  --log DIR       directory of the log (default log)
  --port N        port of /metrics and /debug/pprof; 0 means any free port (default ${FIRST_PORT} and up, by variant)
  --window S      length of a profile window, seconds, 0.1 to 60 (default 1)
  --query NAME    print the samples of this series, too
  --profiles DIR  write a CPU profile of each thread to this directory
  --stay          serve /metrics until Ctrl-C
  --last-scrape   serve /metrics until the next scrape, at most 5 seconds
  --json          print one line of JSON
  --help          print this text`;

export const GENERATE_USAGE = `Usage: npm run generate -- [options]

Writes a log of samples.

  --log DIR       directory of the log, must be empty or absent (default log)
  --samples N     number of samples, 1 to 10,000,000,000 (default 220,000,000)
  --series N      number of series, 1 to 100,000 (default 10,000)
  --seed N        the same seed gives the same log, 0 to 4,294,967,295 (default 1)
  --segment-mib N size of a segment, MiB, 1 to 1,024 (default 4)
  --help          print this text`;

/**
 * Reads the command line of the replay.
 *
 * @throws Error of one line that names the option, its value and what is allowed.
 */
export function parseReplayOptions(args: readonly string[]): ReplayOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      variant: { type: 'string', default: 'slow' },
      log: { type: 'string', default: 'log' },
      port: { type: 'string' },
      window: { type: 'string', default: '1' },
      query: { type: 'string' },
      profiles: { type: 'string' },
      stay: { type: 'boolean', default: false },
      'last-scrape': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { variant, query, profiles, stay, json, help, log } = values;
  if (!NAMES.includes(variant)) {
    throw new Error(`--variant must be one of ${NAMES.join(', ')}; got ${JSON.stringify(variant)}`);
  }
  return {
    log,
    variant,
    port: integer('--port', values.port ?? `${FIRST_PORT + NAMES.indexOf(variant)}`, 0, 65_535),
    window: number('--window', values.window, 0.1, 60),
    query,
    profiles,
    stay,
    lastScrape: values['last-scrape'],
    json,
    help,
  };
}

/**
 * Reads the command line of the generator.
 *
 * @throws Error of one line that names the option, its value and what is allowed.
 */
export function parseGenerateOptions(args: readonly string[]): GenerateOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      log: { type: 'string', default: 'log' },
      samples: { type: 'string', default: '220000000' },
      series: { type: 'string', default: '10000' },
      seed: { type: 'string', default: '1' },
      'segment-mib': { type: 'string', default: '4' },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    log: values.log,
    samples: integer('--samples', values.samples, 1, 1e10),
    series: integer('--series', values.series, 1, 100_000),
    seed: integer('--seed', values.seed, 0, 0xffff_ffff),
    segmentBytes: integer('--segment-mib', values['segment-mib'], 1, 1024) * 2 ** 20,
    help: values.help,
  };
}

function integer(option: string, text: string, min: number, max: number): number {
  const value = number(option, text, min, max);
  if (!Number.isInteger(value)) throw new Error(`${option} must be an integer; got ${value}`);
  return value;
}

function number(option: string, text: string, min: number, max: number): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (value >= min && value <= max) return value;
  throw new Error(`${option} must be a number from ${min} to ${max}; got ${JSON.stringify(text)}`);
}
