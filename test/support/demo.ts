import { dirname, join } from 'node:path';
import { type Running, run } from './processes';

/** Folders of the examples, as npm links them. */
export const DEMO = dirname(require.resolve('@rulescope/example-demo/package.json'));
export const QUICKSTART = dirname(require.resolve('@rulescope/example-quickstart/package.json'));

const MAIN = join(DEMO, 'build', 'src', 'main.js');

/** Runs the demo with the given options. */
export function runDemo(...options: string[]): Running {
  return run(process.execPath, [MAIN, ...options]);
}

/** Runs the demo with a preloaded file, on a free port. */
export function runDemoWith(preload: string, ...options: string[]): Running {
  return run(process.execPath, ['--require', preload, MAIN, '--port', '0', ...options]);
}

/** Starts the demo on a free port and waits until it serves. */
export async function startDemo(...options: string[]): Promise<Running & { readonly url: string }> {
  return serving(runDemo('--port', '0', ...options));
}

/** Waits until the demo serves. */
export async function serving(demo: Running): Promise<Running & { readonly url: string }> {
  const [, url] = await demo.waitFor(/(http:\/\/127\.0\.0\.1:\d+)\//);
  return { ...demo, url: url as string };
}
