import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A child process with its output so far and its end. */
export interface Running {
  readonly child: ChildProcess;
  /** Returns the output on stdout and stderr so far. */
  output(): string;
  /** Resolves with the first match of `pattern` in the output; rejects if it ends first. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends `signal` and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
  /** Waits for the end. */
  readonly ended: Promise<Ended>;
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const running = new Set<ChildProcess>();

/** Mocha's root hooks. They stop programs of failed tests, which would keep mocha alive. @public */
export const mochaHooks = {
  afterAll: (): void => running.forEach((child) => child.kill('SIGKILL')),
};

/** Starts a program. It is killed when this process ends, and after the last test. */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Running {
  const child = spawn(command, args, {
    ...options,
    // lerna's runner requests colors, which would appear in the output.
    env: { ...(options.env ?? process.env), FORCE_COLOR: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  const listeners = new Set<() => void>();
  const notify = (): void => listeners.forEach((listener) => listener());
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      notify();
    });
  }
  const killChild = (): void => void child.kill('SIGKILL');
  process.once('exit', killChild);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  }).finally(() => {
    process.removeListener('exit', killChild);
    running.delete(child);
  });
  return {
    child,
    output: () => output,
    ended,
    waitFor: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(output);
          if (match === null) return;
          listeners.delete(look);
          resolve(match);
        };
        listeners.add(look);
        ended.then(
          () => reject(new Error(`${command} ended without printing ${pattern}:\n${output}`)),
          reject,
        );
        look();
      }),
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
  };
}

/** Returns a free port of loopback. Another program may take it later. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Calls `probe` until it returns a value, to wait for another process. */
export async function eventually<T>(what: string, probe: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 90_000;
  for (;;) {
    const found = await probe().catch(() => undefined);
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`waited 90 s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
