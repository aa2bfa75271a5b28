import type { Stage } from './Stage';

/** A way in which JavaScript moves work. */
export interface Scenario {
  readonly name: string;
  /** `otel`: uses OpenTelemetry Contexts, so only rulescope runs it. Default: all profilers do. */
  readonly needs?: 'otel';
  /** Returns whether this version has the API of the scenario. Default: it has. */
  readonly available?: () => boolean;
  /** Burns CPU at each place where the label is known. */
  run(stage: Stage): void | Promise<void>;
}
