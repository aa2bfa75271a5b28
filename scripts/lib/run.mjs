import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs a program with our terminal and fulfils with its exit code. A signal that reaches us goes on to it, and we stay until
 * it has ended.
 */
export async function run(command, args, options = {}) {
  const child = spawn(command, args, { stdio: 'inherit', ...options });
  const forward = (signal) => child.kill(signal);
  for (const name of ['SIGINT', 'SIGTERM']) process.on(name, forward);
  try {
    const [code, signal] = await once(child, 'close');
    return code ?? (signal === 'SIGINT' ? 130 : 1);
  } finally {
    for (const name of ['SIGINT', 'SIGTERM']) process.removeListener(name, forward);
  }
}

/** Like {@link run}, but a failure ends this process with the same code. */
export async function must(command, args, options) {
  const code = await run(command, args, options);
  if (code !== 0) process.exit(code);
}
