import { toPprof } from '@rulescope/profiler/pprof';
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { RuleInstrumentation, withRule } from '@rulescope/instrumentation';
import { type Consumer, type ProfileWindow, sharedCollector } from '@rulescope/profiler';
import type { StackSample, Subject } from './Subject';
import { stackSamplesOf } from './stackSamples';

/** Runs rulescope as a user sets it up, with the SDK's context manager. */
export class RulescopeSubject implements Subject {
  readonly name = 'rulescope';
  readonly withRule = withRule;
  /** Converted to samples at the end, because converting uses CPU that would be sampled. */
  private readonly windows: ProfileWindow[] = [];
  private consumer: Consumer | undefined;

  start(samplingIntervalMicros: number, windowMillis?: number): Promise<void> {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    new RuleInstrumentation();
    const collector = sharedCollector({
      samplingIntervalMicros,
      ...(windowMillis && { windowMillis }),
    });
    this.consumer = collector.addConsumer('subject', (window) => this.windows.push(window));
    return Promise.resolve();
  }

  async stop(): Promise<StackSample[]> {
    await this.consumer?.remove();
    return this.windows.flatMap((window) => stackSamplesOf(toPprof(window)));
  }
}
