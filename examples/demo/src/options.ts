import { parseArgs } from 'node:util';

/** Options of the command line. */
export interface DemoOptions {
  /** 0 means any free port. */
  readonly port: number;
  /** Stop after this many seconds. `undefined`: run until a signal. */
  readonly seconds: number | undefined;
  /** Length of a profile window, seconds. */
  readonly window: number;
  readonly help: boolean;
}

export const USAGE = `Usage: npm start -- [options]

Runs four rules in one process and shows the CPU of each, live.

  --port N      port of the page and of /metrics; 0 means any free port (default 9464)
  --seconds S   stop after S seconds with exit code 0 (default: run until Ctrl-C)
  --window S    length of a profile window, seconds, 0.1 to 60 (default 2)
  --help        print this text`;

/**
 * Reads the command line.
 *
 * @throws Error of one line that names the option, its value and what is allowed.
 */
export function parseOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: false,
    options: {
      port: { type: 'string', default: '9464' },
      seconds: { type: 'string' },
      window: { type: 'string', default: '2' },
      help: { type: 'boolean', default: false },
    },
  });
  const port = numberOf('--port', values.port, 0, 65_535);
  if (!Number.isInteger(port)) throw new Error(`--port must be an integer; got ${port}`);
  return {
    port,
    seconds:
      values.seconds === undefined ? undefined : numberOf('--seconds', values.seconds, 1, 86_400),
    window: numberOf('--window', values.window, 0.1, 60),
    help: values.help,
  };
}

function numberOf(option: string, text: string, min: number, max: number): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!(value >= min && value <= max)) {
    throw new Error(
      `${option} must be a number from ${min} to ${max}; got ${JSON.stringify(text)}`,
    );
  }
  return value;
}
