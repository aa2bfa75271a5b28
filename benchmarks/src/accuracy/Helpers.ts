import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { join } from 'node:path';

/** Starts the processes that a run needs, and kills them when this process ends. */
export class Helpers {
  private readonly children: ChildProcess[] = [];

  /**
   * @param cpu The processor of the measured process. Generators run on the other one. `undefined`:
   *   nothing is pinned.
   * @param seconds The maximum lifetime of a helper.
   */
  constructor(
    private readonly cpu: number | undefined,
    private readonly seconds: number,
  ) {
    process.on('exit', () => this.stop());
  }

  /** Runs a program of `generators/` with `args` and its lifetime as the last argument. */
  generate(name: string, args: readonly number[]): ChildProcess {
    const script = join(__dirname, 'generators', `${name}.js`);
    const otherCpu = this.cpu === undefined ? undefined : this.cpu === 0 ? 1 : 0;
    return this.spawn(
      otherCpu,
      [script, ...args.map(String), String(this.seconds)],
      ['ignore', 'pipe', 'inherit'],
    );
  }

  /** Starts a process that keeps the processor of the measured process busy. */
  startNeighbor(): void {
    const code = `const end = Date.now() + ${this.seconds * 1000}; while (Date.now() < end);`;
    this.spawn(this.cpu, ['-e', code], 'ignore');
  }

  stop(): void {
    for (const child of this.children) child.kill('SIGKILL');
  }

  private spawn(cpu: number | undefined, args: string[], stdio: StdioOptions): ChildProcess {
    const pin = cpu === undefined ? [] : ['taskset', '-c', String(cpu)];
    const [command = '', ...rest] = [...pin, process.execPath, ...args];
    const child = spawn(command, rest, { stdio });
    this.children.push(child);
    return child;
  }
}
