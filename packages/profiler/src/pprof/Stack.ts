import { SmallMap } from '../base/SmallMap';

/**
 * A stack of locations. Stacks that begin alike share their callers, so equal stacks are the same
 * object, and no text is built to compare them. `new Stack()` is the empty stack.
 */
export class Stack<Sample> {
  private readonly callees = new SmallMap<Stack<Sample>>();
  private readonly samples = new SmallMap<Sample>();
  /** Number of stacks that begin with the same empty stack. */
  readonly total: { count: number };

  constructor(
    readonly location = 0,
    readonly caller?: Stack<Sample>,
  ) {
    this.total = caller?.total ?? { count: 0 };
    this.total.count++;
  }

  /** Returns this stack with a call at `location` on top. */
  call(location: number): Stack<Sample> {
    return this.callees.get(location) ?? this.callees.add(location, new Stack(location, this));
  }

  /** Returns the sample with this stack and these labels. Keeps what `make` returns as a new one. */
  sample(labels: number, make: () => Sample): Sample {
    return this.samples.get(labels) ?? this.samples.add(labels, make());
  }
}

/** Returns the ids of the locations of a stack, leaf first. */
export function locationsOf(stack: Stack<unknown>): number[] {
  const ids: number[] = [];
  for (let at = stack; at.caller !== undefined; at = at.caller) ids.push(at.location);
  return ids;
}
