/** An object whose functions callers look up at each call. */
export type Api = Record<string, unknown>;

/** An object to route, and the object whose functions replace its own. */
export interface Route {
  readonly target: Api;
  readonly replacement: object;
}

/**
 * Replaces functions of objects while at least one user asks for it. Restores exactly the original
 * properties afterwards. A function that other code has replaced in the meantime is left alone.
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

  /**
   * Adds a user.
   * @returns A function that removes the user. Further calls of it do nothing.
   */
  add(): () => void {
    const user = Symbol();
    if (this.users.size === 0) this.replace();
    this.users.add(user);
    return () => {
      if (this.users.delete(user) && this.users.size === 0) this.restore();
    };
  }

  private replace(): void {
    for (const { target, replacement } of this.routes) {
      for (const [name, fn] of Object.entries(replacement)) {
        const original = Object.getOwnPropertyDescriptor(target, name);
        // A function that this version lacks is not added: code that tests whether it exists would
        // be misled.
        if (typeof original?.value !== 'function' || typeof fn !== 'function') continue;
        Object.defineProperty(target, name, { ...original, value: fn as unknown });
        this.replaced.push({ target, name, original, replacement: fn });
      }
    }
  }

  private restore(): void {
    for (const { target, name, original, replacement } of this.replaced.splice(0)) {
      if (target[name] === replacement) Object.defineProperty(target, name, original);
    }
  }
}
