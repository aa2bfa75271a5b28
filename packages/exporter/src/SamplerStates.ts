import type { Attributes } from '@opentelemetry/api';
import type { SamplerSupport } from '@rulescope/profiler';
import * as semconv from './semconv';

/** Remembers the states that the sampler has been in, at most sixteen. Pure state. */
export class SamplerStates {
  private readonly states = new Map<string, Attributes>();
  private current: string | undefined;

  /** Records the current state. The sampler has no state before sampling first starts. */
  update({ asyncContextFrame, fairness }: SamplerSupport): void {
    if (fairness === undefined) return;
    const { fair, slice } = fairness;
    this.current = [fair, slice, asyncContextFrame].join();
    this.states.set(this.current, {
      [semconv.ATTR_SAMPLER_FAIR]: fair,
      ...(slice !== undefined && { [semconv.ATTR_SAMPLER_SLICE]: slice }),
      [semconv.ATTR_SAMPLER_CONTEXT]: asyncContextFrame ? 'async_context_frame' : 'async_hooks',
    });
  }

  /** Ends the current state: sampling has stopped. */
  end(): void {
    this.current = undefined;
  }

  /** Yields each state with 1 if the sampler is in it now, and with 0 otherwise. */
  *values(): Iterable<readonly [Attributes, 0 | 1]> {
    for (const [key, attributes] of this.states) yield [attributes, key === this.current ? 1 : 0];
  }
}
