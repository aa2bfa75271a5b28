/** An object whose functions callers look up at each call. */
export type Api = Record<string, unknown>;

/** One object that is routed, and where to. */
export interface Route {
  readonly target: Api;
  readonly dropIn: object;
}

/**
 * Replaces the functions of objects by those of their drop-ins as long as somebody wants it, and puts back exactly what was there. A
 * function that somebody else has replaced since is left alone.
 */
export class Routing {
  private readonly users = new Set<symbol>();
  private readonly replaced: {
    readonly target: Api;
    readonly name: string;
    readonly original: PropertyDescriptor;
    readonly replacement: unknown;
  }[] = [];

  constructor(private readonly routes: readonly Route[]) {}

  get active(): boolean {
    return this.users.size > 0;
  }

  /** @returns how to stop wanting it; calling that again does nothing. */
  add(): () => void {
    const user = Symbol();
    if (this.users.size === 0) this.replace();
    this.users.add(user);
    return () => {
      if (this.users.delete(user) && this.users.size === 0) this.restore();
    };
  }

  private replace(): void {
    for (const { target, dropIn } of this.routes) {
      for (const [name, replacement] of Object.entries(dropIn)) {
        const original = Object.getOwnPropertyDescriptor(target, name);
        // What this version does not have is not added: whoever looks whether it is there would be misled.
        if (typeof original?.value !== 'function' || typeof replacement !== 'function') continue;
        Object.defineProperty(target, name, { ...original, value: replacement as unknown });
        this.replaced.push({ target, name, original, replacement });
      }
    }
  }

  private restore(): void {
    for (const { target, name, original, replacement } of this.replaced.splice(0)) {
      if (target[name] === replacement) Object.defineProperty(target, name, original);
    }
  }
}
