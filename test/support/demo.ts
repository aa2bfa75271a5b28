import { dirname, join } from 'node:path';
import { type Running, run } from './processes';

/** Where the examples live, as npm linked them. */
export const DEMO = dirname(require.resolve('@rulescope/example-demo/package.json'));
export const QUICKSTART = dirname(require.resolve('@rulescope/example-quickstart/package.json'));

/** The demo with its own options. */
export function runDemo(...options: string[]): Running {
  return run(process.execPath, [join(DEMO, 'build', 'src', 'main.js'), ...options]);
}

/** Starts the demo on a free port and waits until it serves. */
export async function startDemo(...options: string[]): Promise<Running & { readonly url: string }> {
  const demo = runDemo('--port', '0', ...options);
  const [, url] = await demo.waitFor(/(http:\/\/127\.0\.0\.1:\d+)\//);
  return { ...demo, url: url as string };
}
