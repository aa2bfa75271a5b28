import type { AsyncResource } from 'node:async_hooks';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { getRule, withRule } from '../rule';
import { wrapMethod } from '../wrapMethod';
import { safeRule } from '../wrapRule';
import { type AdapterConfig, type LibraryFile, RuleAdapter } from './RuleAdapter';
import type { CarriedTask } from './piscinaTask';

/** A task of Piscina. */
export interface PiscinaTask {
  /** What `run` was called with. */
  readonly task: unknown;
  /** The file of the handler. */
  readonly filename: string;
  /** The name of the handler in the file, often `default`. */
  readonly name: string;
}

/** Options of {@link PiscinaAdapter}. */
export interface PiscinaConfig extends AdapterConfig {
  /**
   * Returns the rule id of a task, or `undefined` for the rule that called `run`. Default: the rule
   * that called `run`.
   */
  readonly ruleOf?: (task: PiscinaTask) => string | undefined;
}

/** The class `TaskInfo`: a task in the queue, in the Context that called `run`. */
interface TaskInfo extends AsyncResource {
  task: unknown;
  filename: string;
  name: string;
}

/** The class `WorkerInfo`: a thread of the pool, seen from the main thread. */
interface WorkerInfo {
  postTask(task: TaskInfo): void;
  _handleResponse(message: unknown): void;
}

/** What a thread calls for a task that has a rule. */
const HANDLER = { filename: join(__dirname, 'piscinaTask.js'), name: 'runInRule' };

/**
 * Runs each task of Piscina in a rule: its handler in the thread of the pool, and the copy of its
 * message in the main thread. What follows `await pool.run()` is in the rule of the caller anyway.
 * The thread needs a `RuleInstrumentation`, but no adapter.
 */
export class PiscinaAdapter extends RuleAdapter<PiscinaConfig> {
  /** @throws InvalidOptionError that names the option, its value and what is allowed. */
  constructor(config: PiscinaConfig = {}) {
    super('piscina', config, ['ruleOf']);
  }

  protected override files(): LibraryFile<never>[] {
    return [
      {
        library: 'piscina',
        versions: ['>=4.9 <6'],
        path: 'dist/worker_pool/index.js',
        patch: ({ WorkerInfo: { prototype } }: { WorkerInfo: { prototype: WorkerInfo } }) => {
          // A bundle of rulescope beside a Piscina that is not bundled.
          if (!existsSync(HANDLER.filename)) {
            this._diag.warn(`tasks of Piscina have no rule: ${HANDLER.filename} is missing`);
            return;
          }
          wrapMethod(prototype, 'postTask', () => (call, _, [info]) => {
            const rule = this.isOn ? this.ruleOf(info) : undefined;
            if (rule === undefined) return call();
            const { task, filename, name } = info;
            const carried: CarriedTask = { rule, task, filename, name };
            Object.assign(info, HANDLER, { task: carried });
            return withRule(rule, call);
          });
          // The port belongs to the rule that first needed the thread, and serves all others.
          this.detachMethod(prototype, '_handleResponse');
        },
      },
    ];
  }

  private ruleOf(info: TaskInfo): string | undefined {
    const { ruleOf } = this._config;
    const { task, filename, name } = info;
    const rule = ruleOf && safeRule(() => ruleOf({ task, filename, name }));
    return rule ?? info.runInAsyncScope(() => getRule());
  }
}
