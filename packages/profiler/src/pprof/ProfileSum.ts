import type { Profile } from './Profile';
import { Pace, type Steps, allAtOnce } from '../base/steps';
import type { CallNode } from '../model/CallNode';
import type { ProfileWindow } from '../model/ProfileWindow';
import { WindowFigures, kindOf } from '../model/WindowFigures';
import { type WindowError, fromWindowError } from '../model/WindowError';
import { withoutSamples } from '../model/freezeWindow';
import { checkWindow } from '../model/checkWindow';
import { threadLabels } from '../model/threadName';
import { isIdle, timelineInSteps } from '../model/timeline';
import { ProfileBuilder, type SampleStack } from './ProfileBuilder';
import { SampleTally } from './SampleTally';

/** Holds the CPU of all threads but the sampled one. */
const OTHER_THREADS = pseudoFunction('(other threads)');
/** Holds the CPU of the thread between the end of a wait for events and JavaScript. */
const WAKE_UPS = pseudoFunction('(wake-ups)');
/** Holds native code outside JavaScript. The name is V8's. */
const PROGRAM = pseudoFunction('(program)');
/** Holds CPU of the thread that no sample accounts for. */
const UNSAMPLED = pseudoFunction('(unsampled)');

/** A stack takes some two hundred bytes. Programs have tens of thousands. */
const MAX_STACKS = 1_000_000;

const NO_STACKS: ReadonlyMap<CallNode, SampleStack> = new Map();

/** A node of a call tree and its caller. */
interface Frame {
  readonly node: CallNode;
  /** `undefined` for the root of the tree. */
  readonly caller: Frame | undefined;
  /** Set when first needed: most nodes have no sample of their own. */
  stack?: SampleStack;
}

/**
 * Sums consecutive windows of one thread in one profile, window by window, as `toPprof` describes
 * it. Keeps the sums, not the samples: adding a window takes time in proportion to that window, and
 * the memory depends on the number of different stacks and labels, not on the length of the
 * profile.
 */
export class ProfileSum {
  private readonly figures = new WindowFigures();
  private readonly tallies = new Map<string, SampleTally>();
  private builder: ProfileBuilder | undefined;

  /**
   * @param maxStacks Different stacks, stacks of callers and parts of shared samples included,
   *   after which the samples of later windows are dropped. The profile is then incomplete, and
   *   `(unsampled)` holds their CPU.
   */
  constructor(private readonly maxStacks = MAX_STACKS) {}

  /** Why there is no profile: the error of the first window, if all windows failed. */
  get error(): WindowError | undefined {
    return this.figures.get().error;
  }

  /**
   * Adds a window.
   * @throws {InvalidOptionError} if `window` is not a window.
   * @throws {RangeError} if the window is of another thread than the windows before it.
   */
  add(window: ProfileWindow): void {
    checkWindow(window);
    allAtOnce(this.addInSteps(window));
  }

  /**
   * Returns the profile. Call it once, after the last window.
   * @throws {Error} with the name and message of {@link error}, if there is one.
   * @throws {RangeError} if there is no window.
   */
  build(): Profile {
    return allAtOnce(this.buildInSteps());
  }

  /**
   * Does what {@link add} does, in steps. Complete them before the next window is added.
   * @internal
   */
  *addInSteps(window: ProfileWindow): Steps<void> {
    const builder = (this.builder ??= new ProfileBuilder(
      undefined,
      threadLabels(window.origin.threadId),
    ));
    const { parts: _parts, ...whole } = window;
    const isFull = builder.root.total.count > this.maxStacks;
    const added = isFull ? withoutSamples(whole, { incompleteReason: 'overflow' }) : window;
    this.figures.add(added);
    for (const part of added.parts ?? [added]) {
      const kind = kindOf(part);
      let tally = this.tallies.get(kind);
      if (tally === undefined) this.tallies.set(kind, (tally = new SampleTally()));
      const { root } = part;
      const stacks = root === undefined ? NO_STACKS : yield* stacksIn(root, builder);
      const timeline = root === undefined ? [] : yield* timelineInSteps(root);
      yield* tally.add(part, timeline, ({ leaf, labels, parts }) => {
        const stack = stacks.get(leaf);
        return stack && builder.sampleOf(stack, labels, parts);
      });
    }
  }

  /**
   * Does what {@link build} does, in steps.
   * @param comments Comments to add to those of the windows.
   * @internal
   */
  *buildInSteps(comments: readonly string[] = []): Steps<Profile> {
    const { builder = new ProfileBuilder(), figures } = this;
    const window = figures.get();
    if (window.error !== undefined) throw fromWindowError(window.error);
    const add = (node: CallNode, cpuSeconds: number): void => {
      if (cpuSeconds <= 0) return;
      builder.sampleOf(builder.call(builder.root, node)).cpuNanos += cpuSeconds * 1e9;
    };
    let [wakeUps, unsampled] = [0, 0];
    for (const tally of this.tallies.values()) {
      const others = tally.addToSums(builder.samples);
      wakeUps += others.wakeUpSeconds;
      unsampled += others.unsampledSeconds;
      yield;
    }
    add(WAKE_UPS, wakeUps);
    add(UNSAMPLED, unsampled);
    // The other threads of a worker are the rest of the process. The main thread's windows have it.
    if (window.origin.threadId === 0) add(OTHER_THREADS, window.cpu.otherThreadsSeconds);
    return yield* builder.buildInSteps({
      startMillis: window.startTime,
      durationMillis: window.durationMillis,
      periodMicros: window.samplingIntervalMicros,
      program: window.origin.program,
      comments: [...window.origin.comments, ...remarksOn(window), ...comments],
    });
  }
}

/** Returns the stacks of the nodes that have samples of their own and are not idle. */
function* stacksIn(root: CallNode, builder: ProfileBuilder): Steps<Map<CallNode, SampleStack>> {
  const stacks = new Map<CallNode, SampleStack>();
  const pending: Frame[] = [{ node: root, caller: undefined }];
  const pace = new Pace();
  for (let frame = pending.pop(); frame !== undefined; frame = pending.pop()) {
    const { node } = frame;
    if (node.contexts?.length && !isIdle(node)) {
      const isRoot = frame.caller === undefined;
      stacks.set(node, isRoot ? builder.call(builder.root, PROGRAM) : stackOf(frame, builder));
    }
    for (const child of node.children) pending.push({ node: child, caller: frame });
    if (pace.worked(1)) yield;
  }
  return stacks;
}

/** Returns the stack of a node, without the root of the tree. */
function stackOf(frame: Frame, builder: ProfileBuilder): SampleStack {
  return (frame.stack ??= frame.caller
    ? builder.call(stackOf(frame.caller, builder), frame.node)
    : builder.root);
}

function remarksOn({
  complete,
  incompleteReason,
  samples,
}: Pick<ProfileWindow, 'complete' | 'incompleteReason' | 'samples'>): string[] {
  const remarks = [`${samples.taken} samples`];
  if (!complete)
    remarks.push(`incomplete: ${incompleteReason}, about ${samples.lost} samples lost`);
  return remarks;
}

function pseudoFunction(name: string): CallNode {
  return { name, scriptName: '', hitCount: 0, children: [] };
}
