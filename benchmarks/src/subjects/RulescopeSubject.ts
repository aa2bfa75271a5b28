import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { RuleInstrumentation, withRule } from '@rulescope/instrumentation';
import { type Consumer, sharedCollector } from '@rulescope/profiler';
import type { StackSample, Subject } from './Subject';
import { stackSamplesOf } from './stackSamples';

/** rulescope as a user sets it up, with the SDK's context manager. */
export class RulescopeSubject implements Subject {
  readonly name = 'rulescope';
  readonly withRule = withRule;
  private readonly samples: StackSample[] = [];
  private consumer: Consumer | undefined;

  start(samplingIntervalMicros: number): Promise<void> {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    new RuleInstrumentation();
    this.consumer = sharedCollector({ samplingIntervalMicros }).addConsumer('subject', (window) => {
      this.samples.push(...stackSamplesOf(window.profile));
    });
    return Promise.resolve();
  }

  async stop(): Promise<StackSample[]> {
    await this.consumer?.remove();
    return this.samples;
  }
}
