import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { SCHEDULING } from './binaries';

/** How to run a task of `child.ts`. */
export interface ChildOptions {
  /** Program that runs the child, with arguments. Example: `nice`. */
  readonly under?: readonly string[];
  /** Flags of Node.js. */
  readonly flags?: readonly string[];
  readonly worker?: boolean;
}

/** Runs a task of `child.ts` with an add-on. Returns the result that it prints. */
export function runChild<T>(task: string, addon: string, options: ChildOptions = {}): T {
  const { under = [], flags = [], worker = false } = options;
  const [command, ...args] = [
    ...under,
    process.execPath,
    ...flags,
    join(__dirname, 'child.js'),
    task,
    addon,
    SCHEDULING,
    ...(worker ? ['worker'] : []),
  ];
  return JSON.parse(execFileSync(command!, args, { encoding: 'utf8' })) as T;
}
