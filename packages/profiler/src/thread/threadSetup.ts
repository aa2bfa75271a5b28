import { perThread, slotKey } from '../slot/threadSlot';

/**
 * Halves of a setup that exist in this thread. Without its other half, a half does nothing that the
 * user can see, so each half looks for the other one and warns. Only set to true, never back: what
 * was there once is not missing by mistake.
 */
export interface ThreadSetup {
  /** Code that reads labeled samples: a collector or a pprof handler. */
  reader: boolean;
  /** A `RuleInstrumentation`, also one that is off. */
  instrumentation: boolean;
  /** A rule was entered, with or without an instrumentation. */
  rules: boolean;
  /** End a wait for a reader. Each is called when there is one. */
  readonly waiting: Set<() => void>;
}

const SETUP = slotKey<ThreadSetup>('setup', 1);

/** Returns the setup of this thread. */
export function threadSetup(): ThreadSetup {
  return perThread(SETUP, () => ({
    reader: false,
    instrumentation: false,
    rules: false,
    waiting: new Set<() => void>(),
  }));
}

/** Records that there is a reader. */
export function readerAdded(): void {
  const setup = threadSetup();
  setup.reader = true;
  for (const endWait of setup.waiting) endWait();
}
