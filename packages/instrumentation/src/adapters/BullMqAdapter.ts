import { type AdapterConfig, type LibraryFile, RuleAdapter } from './RuleAdapter';

/** A job of BullMQ. */
export interface BullMqJob {
  readonly name: string;
  readonly queueName: string;
  readonly data: unknown;
}

/** Options of {@link BullMqAdapter}. */
export interface BullMqConfig extends AdapterConfig {
  /**
   * Returns the rule id of a job, or `undefined` to leave its work to the rule of the caller.
   * Default: the name of the queue, a colon, and the name of the job. BullMQ allows no colon in the
   * name of a queue.
   */
  readonly ruleOf?: (job: BullMqJob) => string | undefined;
}

/** The class `Worker`. */
interface Worker {
  run(): Promise<void>;
  callProcessJob(job: BullMqJob, token: string, signal?: AbortSignal): Promise<unknown>;
  emit(event: string, ...args: unknown[]): boolean;
}

/** The class `ChildProcessor`, in the process or thread of a sandbox. */
interface ChildProcessor {
  start(job: BullMqJob & { readonly data: string }, token: string): Promise<void>;
}

/** The events of a worker whose first argument is a job. */
const JOB_EVENTS = new Set(['active', 'completed', 'failed', 'progress']);

/**
 * Runs each job of BullMQ in a rule: its processor and the listeners of the worker's events. The
 * loop that fetches jobs and the connections to Redis are in no rule, regardless of who makes the
 * worker. A sandboxed processor is in the rule if its process or thread has the adapter.
 */
export class BullMqAdapter extends RuleAdapter<BullMqConfig> {
  /** @throws InvalidOptionError that names the option, its value and what is allowed. */
  constructor(config: BullMqConfig = {}) {
    super('bullmq', config, ['ruleOf']);
  }

  protected override files(): LibraryFile<never>[] {
    const ruleOf = (job: BullMqJob): string | undefined => (this._config.ruleOf ?? idOf)(job);
    const classFile = <Exports>(
      name: string,
      patch: (exports: Exports) => void,
    ): LibraryFile<Exports> => ({
      library: 'bullmq',
      versions: ['>=5 <7'],
      path: `dist/cjs/classes/${name}.js`,
      patch,
    });
    return [
      classFile('worker', ({ Worker: { prototype } }: { Worker: { prototype: Worker } }) => {
        this.detachMethod(prototype, 'run');
        this.wrapRule(prototype, 'callProcessJob', (_, job) => ruleOf(job));
        this.wrapRule(prototype, 'emit', (_, event, job) =>
          JOB_EVENTS.has(event) && job !== undefined ? ruleOf(job as BullMqJob) : undefined,
        );
      }),
      classFile('queue-events', (exports: { QueueEvents: { prototype: Pick<Worker, 'run'> } }) =>
        this.detachMethod(exports.QueueEvents.prototype, 'run'),
      ),
      classFile('redis-connection', (exports: { RedisConnection: { prototype: Opening } }) =>
        this.detachMethod(exports.RedisConnection.prototype, 'init'),
      ),
      // The sandbox of the first job goes on to serve others.
      classFile('child', (exports: { Child: { prototype: Opening } }) =>
        this.detachMethod(exports.Child.prototype, 'init'),
      ),
      classFile('child-processor', (exports: { ChildProcessor: { prototype: ChildProcessor } }) =>
        this.wrapRule(exports.ChildProcessor.prototype, 'start', (_, job) => ruleOf(parsed(job))),
      ),
    ];
  }
}

interface Opening {
  init(): Promise<unknown>;
}

/** Returns a job as it is outside of a sandbox. Parses its data if a function of the user asks. */
function parsed({ name, queueName, data }: BullMqJob & { readonly data: string }): BullMqJob {
  return {
    name,
    queueName,
    get data(): unknown {
      return JSON.parse(data) as unknown;
    },
  };
}

function idOf({ queueName, name }: BullMqJob): string {
  return `${queueName}:${name}`;
}
