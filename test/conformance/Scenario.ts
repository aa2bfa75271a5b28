import type { Stage } from './Stage';

/** A way in which JavaScript moves work. */
export interface Scenario {
  readonly name: string;
  /** `otel`: made of OpenTelemetry Contexts, which other profilers do not follow. Default: a subject's own means suffice. */
  readonly needs?: 'otel';
  /** Whether the API has what the scenario is about. Default: it has. */
  readonly available?: () => boolean;
  /** Burns CPU on the stage wherever the label must be something definite. */
  run(stage: Stage): void | Promise<void>;
}
