import { execFile } from 'node:child_process';
import { join } from 'node:path';

/** How a child process ended. `signal` is set when it did not end on its own. */
export interface ChildResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const SRC = JSON.stringify(join(__dirname, '..', '..', 'src'));

/** Runs JavaScript in a Node.js process of its own. It can `load('shared')` a module of this package. */
export function runInChild(script: string, nodeOptions: string[] = []): Promise<ChildResult> {
  const prelude = `const load = (file) => require(require('node:path').join(${SRC}, file));`;
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [...nodeOptions, '-e', `${prelude}\n${script}`],
      // The limit is never waited for: it is what turns a process that hangs into a failure.
      { timeout: 18_000, killSignal: 'SIGKILL' },
      (_error, stdout, stderr) => {
        resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr });
      },
    );
  });
}
