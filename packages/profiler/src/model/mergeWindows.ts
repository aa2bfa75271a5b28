import { InvalidOptionError } from '../base/errors';
import type { CallNode } from './CallNode';
import { type Moment, jumpMillis } from '../base/Moment';
import { WindowFigures, kindOf } from './WindowFigures';
import { checkWindow } from './checkWindow';
import { freezeWindow } from './freezeWindow';
import { CallTreeMerger, mergeCallTrees } from './mergeCallTrees';
import type { ProfileWindow } from './ProfileWindow';

/** Windows of one kind. */
interface Part {
  readonly figures: WindowFigures;
  readonly tree: CallTreeMerger | undefined;
}

/**
 * Merges windows one by one, as {@link mergeWindows} does. Adding a window takes time in proportion
 * to that window, regardless of what was added before.
 */
export class WindowMerger {
  /** The first window while it is the only one. It is returned as it is. */
  private only: ProfileWindow | undefined;
  private start: Moment | undefined;
  private end: Moment | undefined;
  private readonly figures = new WindowFigures();
  private readonly parts = new Map<string, Part>();

  /** @throws {RangeError} if the window is of another thread than the windows before it. */
  add(window: ProfileWindow): void {
    const isFirst = this.start === undefined;
    this.end = endOf(window);
    this.start ??= this.end;
    const moved = moveWindow(window, jumpMillis(this.end, this.start));
    this.figures.add(moved);
    if (this.only !== undefined) this.addToParts(this.only);
    this.only = isFirst ? window : undefined;
    if (!isFirst) this.addToParts(moved);
  }

  /**
   * Returns the merged window. Add no window after that: the returned window would change.
   * @throws {RangeError} if there is no window.
   */
  merged(): ProfileWindow {
    if (this.only !== undefined) return this.only;
    const parts = [...this.parts.values()].map(({ figures, tree }) =>
      freezeWindow({ ...figures.get(), root: tree?.root }),
    );
    const roots = parts.flatMap(({ root }) => root ?? []);
    const merged = {
      ...this.figures.get(),
      root: roots.length > 1 ? mergeCallTrees(roots) : roots[0],
      ...(parts.length > 1 && { parts }),
    };
    const { start, end } = this;
    return freezeWindow(start && end ? moveWindow(merged, jumpMillis(start, end)) : merged);
  }

  private addToParts(window: ProfileWindow): void {
    for (const each of window.parts ?? [window]) {
      const kind = kindOf(each);
      let part = this.parts.get(kind);
      if (part === undefined) {
        const tree = each.root && new CallTreeMerger();
        this.parts.set(kind, (part = { figures: new WindowFigures(), tree }));
      }
      part.figures.add(each);
      if (each.root !== undefined) part.tree?.add(each.root);
    }
  }
}

/**
 * Merges consecutive windows of one thread into one window, for a reader whose period is longer
 * than a window. Pure.
 *
 * Counts, durations and CPU times are sums. If the wall clock was set meanwhile, all times since the
 * epoch are those that it would have shown with its last setting. The quality is the mean, weighted
 * by expected samples. The merged window is complete if all windows are complete. Otherwise it has
 * the reason of the first incomplete window; a failed window has the reason `failed`, and no sample
 * accounts for its CPU. If all windows failed, the merged window has the error of the first one.
 *
 * @throws {RangeError} if `windows` is empty or the windows are of different threads.
 * @throws InvalidOptionError if `windows` is not an array of windows.
 */
export function mergeWindows(windows: readonly ProfileWindow[]): ProfileWindow {
  if (!Array.isArray(windows)) {
    throw new InvalidOptionError('windows', windows, 'an array of windows');
  }
  const merger = new WindowMerger();
  windows.forEach((window: ProfileWindow, i) => {
    checkWindow(window, `windows[${i}]`);
    merger.add(window);
  });
  return merger.merged();
}

function endOf({ endTime, endMonotonicMillis }: ProfileWindow): Moment {
  return { epochMillis: endTime, monotonicMillis: endMonotonicMillis };
}

/** Returns a window like `window` that began, and whose samples were taken, `millis` later. */
function moveWindow(window: ProfileWindow, millis: number): ProfileWindow {
  if (millis === 0) return window;
  const { startTime, endTime, root, parts } = window;
  return {
    ...window,
    startTime: startTime + millis,
    endTime: endTime + millis,
    root: root && moveSamples(root, millis),
    ...(parts && { parts: parts.map((part) => moveWindow(part, millis)) }),
  };
}

function moveSamples(node: CallNode, millis: number): CallNode {
  const move = (timestamp: number): number => timestamp + millis * 1000;
  return {
    ...node,
    ...(node.contexts && {
      contexts: node.contexts.map((each) => ({ ...each, timestamp: move(each.timestamp) })),
    }),
    children: node.children.map((child) => moveSamples(child, millis)),
  };
}
