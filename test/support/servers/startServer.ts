import { execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, run } from '../processes';

/** A server of Debian, in a process of its own. */
export interface TestServer {
  readonly port: number;
  /** Ends the server and deletes its data. */
  stop(): Promise<void>;
}

interface ServerOptions {
  /**
   * Returns the command of a shell that becomes the server.
   *
   * @param directory Working directory of the server, empty. It is deleted at the end.
   */
  script(port: number, directory: string): string;
  /** What the server prints when it is ready. */
  readonly ready: RegExp;
  /** User that runs the server if the user of this process is root. */
  readonly user?: string;
  /** Ends the server although it has connections. Default: SIGTERM. */
  readonly signal?: NodeJS.Signals;
}

/** Starts a server on a free port of loopback, without any data. */
export async function startServer(options: ServerOptions): Promise<TestServer> {
  const { ready, signal } = options;
  const directory = mkdtempSync(join(tmpdir(), 'rulescope-server-'));
  const port = await freePort();
  const shell = ['sh', '-c', options.script(port, directory)];
  const user = process.getuid?.() === 0 ? options.user : undefined;
  if (user !== undefined) {
    shell.unshift('setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups');
    chownSync(directory, id('-u', user), id('-g', user));
  }
  const [command, ...args] = shell as [string, ...string[]];
  const server = run(command, args, { cwd: directory });
  await server.waitFor(ready);
  return {
    port,
    stop: async () => {
      await server.stop(signal);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function id(option: '-u' | '-g', user: string): number {
  return Number(execFileSync('id', [option, user], { encoding: 'utf8' }));
}
