import type * as Inspector from 'node:inspector';
import type * as InspectorPromises from 'node:inspector/promises';
import { syncBuiltinESMExports } from 'node:module';
import v8 from 'node:v8';

/**
 * Starts of other profilers after which ours is renewed at the next boundary. Each of them has
 * blocked the thread for as long as a renewal does, so renewals add a quarter to that at most.
 */
const STARTS_PER_RENEWAL = 4;
/** Starts after which the renewal does not wait for the end of the window. */
const MAX_STARTS = 2 * STARTS_PER_RENEWAL;

type Methods = Record<string, (...args: unknown[]) => unknown>;

/**
 * Counts the starts of other V8 profilers in this thread: through a session of `node:inspector`, or
 * through `v8.startCpuProfile` (Node.js 24 and later), which ES modules can import by name. Not
 * noticed: profilers that a debugger, native code or another thread starts, and `startCpuProfile`
 * if CommonJS code has taken it out of `v8` before sampling started.
 *
 * The reason is memory: each time a profiler starts, V8 describes all compiled code to all running
 * profilers of the thread, and these keep every description as long as they live. Each one takes
 * 0.6 to 2 MB in a small program, and more in a large one.
 */
export class OtherProfiles {
  private starts = 0;
  private undo: (() => void)[] = [];

  /** @param onWorn Called when a renewal should not wait for the end of the window. */
  constructor(private readonly onWorn: () => void) {}

  /** Whether our profiler keeps so many descriptions that it should be renewed. */
  get worn(): boolean {
    return this.starts >= STARTS_PER_RENEWAL;
  }

  /** Starts to count, from zero. */
  watch(): void {
    this.starts = 0;
    const isStart = ([method]: unknown[]): boolean => method === 'Profiler.start';
    this.undo = sessions().map((session) => this.watchMethod(session, 'post', isStart));
    const methods = v8 as unknown as Methods;
    if (!('startCpuProfile' in methods)) return;
    const restore = this.watchMethod(methods, 'startCpuProfile', () => true);
    // Imports by name hold the function that the module had at the last call of this.
    this.undo.push(restore, syncBuiltinESMExports);
    syncBuiltinESMExports();
  }

  /** Undoes {@link watch}. Does nothing if there is nothing to undo. */
  unwatch(): void {
    for (const restore of this.undo.splice(0)) restore();
  }

  private watchMethod(
    target: Methods,
    name: string,
    isStart: (args: unknown[]) => boolean,
  ): () => void {
    const original = target[name]!;
    let watching = true;
    const count = (args: unknown[]): void => {
      if (watching && isStart(args) && ++this.starts === MAX_STARTS) this.onWorn();
    };
    const watched = function (this: unknown, ...args: unknown[]): unknown {
      const result = original.apply(this, args);
      count(args);
      return result;
    };
    target[name] = watched;
    return () => {
      watching = false;
      // Other code may have wrapped the method since. Its wrapper stays, and ours only passes calls
      // on.
      if (target[name] === watched) target[name] = original;
    };
  }
}

/** Returns the prototypes of all sessions. Some builds of Node.js have no inspector. */
function sessions(): Methods[] {
  try {
    /* eslint-disable @typescript-eslint/no-require-imports -- loaded late: some builds have none */
    // Loaded first, because it keeps the method `post` that it finds.
    const promises = require('node:inspector/promises') as typeof InspectorPromises;
    const inspector = require('node:inspector') as typeof Inspector;
    /* eslint-enable @typescript-eslint/no-require-imports */
    return [promises, inspector].map(({ Session }) => Session.prototype as unknown as Methods);
  } catch {
    return [];
  }
}
