import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Running, freePort, run } from '../processes';
import { ROOT } from '../repository';

/** An application that runs in another process. */
export interface App {
  readonly url: string;
  readonly metricsUrl: string;
  readonly process: Running;
}

/** How to start an application. */
export interface Start {
  /** The file that is loaded before the application. Default: none. */
  readonly telemetry?: string;
  readonly namesRules?: boolean;
}

/** Returns the example below a heading of `docs/frameworks.md`. */
export function recipe(heading: string): string {
  const page = readFileSync(join(ROOT, 'docs/frameworks.md'), 'utf8');
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  const [, code] = /^```js\n([^]*?)^```$/m.exec(section ?? '') ?? [];
  assert.ok(code !== undefined, `docs/frameworks.md has no example for ${heading}`);
  return code;
}

/** Makes a folder below `parent`, so that our packages are found. Removed after the tests. */
export function appFolder(parent: string): string {
  const directory = mkdtempSync(join(parent, 'frameworks-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Starts `main`, a file in `directory`, and waits until it listens. */
export async function startApp(directory: string, main: string, start: Start): Promise<App> {
  const port = await freePort();
  const args = [main];
  if (start.telemetry !== undefined) {
    // Windows of 5 s would make the tests slow.
    const telemetry = start.telemetry
      .replace('new RuleMetrics()', 'new RuleMetrics({ windowMillis: 500 })')
      .replace('PrometheusExporter()', `PrometheusExporter({ port: ${port} })`);
    // Several applications may start at once.
    const file = `telemetry-${port}.mjs`;
    writeFileSync(join(directory, file), telemetry);
    args.unshift('--import', `./${file}`);
  }
  const child = run(process.execPath, args, {
    cwd: directory,
    env: {
      ...process.env,
      WORK: require.resolve('./work'),
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      ANSWERS_NAME_RULES: start.namesRules === true ? '1' : '0',
    },
  });
  const [, listening] = await child.waitFor(/listening on (\d+)\./);
  return {
    url: `http://127.0.0.1:${listening!}`,
    metricsUrl: `http://127.0.0.1:${port}/metrics`,
    process: child,
  };
}
