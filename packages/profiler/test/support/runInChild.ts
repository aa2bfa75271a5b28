import { execFile } from 'node:child_process';
import { join } from 'node:path';

/** Result of a child process. `signal` is set if the process did not end on its own. */
export interface ChildResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const SRC = JSON.stringify(join(__dirname, '..', '..', 'src'));

interface ChildOptions {
  readonly nodeOptions?: string[];
  /** Time limit. A test never waits for it; it turns a process that hangs into a failure. */
  readonly limitMillis?: number;
}

/**
 * Runs JavaScript in a new Node.js process. The script can `load('index')` a module of this
 * package.
 */
export function runInChild(script: string, options: ChildOptions = {}): Promise<ChildResult> {
  const { nodeOptions = [], limitMillis = 55_000 } = options;
  const prelude = `const load = (file) => require(require('node:path').join(${SRC}, file));`;
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [...nodeOptions, '-e', `${prelude}\n${script}`],
      {
        timeout: limitMillis,
        killSignal: 'SIGKILL',
        // lerna's runner asks for colors, which would appear in the child's output.
        env: { ...process.env, FORCE_COLOR: '0' },
      },
      (_error, stdout, stderr) => {
        resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr });
      },
    );
  });
}
