import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';

/**
 * Runs a program in this terminal and resolves with its exit code. Forwards signals to it, and
 * waits for its end.
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

/** Runs a program like {@link run}. If it fails, this process ends with the same code. */
export async function must(command, args, options) {
  const code = await run(command, args, options);
  if (code !== 0) process.exit(code);
}

/** Runs a program and resolves with its standard output. If it fails, this process ends. */
export async function capture(command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  const [code] = await once(child, 'close');
  if (code !== 0) process.exit(code ?? 1);
  return output;
}

const groups = new Set();
const killGroup = (pid) => {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The whole group has ended.
  }
};

/**
 * Runs a program in its own process group. Kills the group when the program ends, when the time
 * limit is over, and when this process ends. Resolves with the end of the program; `late` is true
 * if the limit ended it.
 */
export async function runGroup(command, args, { limitMinutes, ...options }) {
  endOnSignals();
  const child = spawn(command, args, { ...options, detached: true });
  groups.add(child.pid);
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    killGroup(child.pid);
  }, limitMinutes * 60_000);
  const [code, signal] = await once(child, 'exit');
  clearTimeout(limit);
  killGroup(child.pid);
  groups.delete(child.pid);
  return { code, signal, late };
}

function endOnSignals() {
  if (process.listenerCount('exit', killGroups) > 0) return;
  process.once('exit', killGroups);
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(name, () => process.exit(128 + constants.signals[name]));
  }
}

function killGroups() {
  groups.forEach(killGroup);
}
