/** Import it before fake timers are installed. */
const { setImmediate } = globalThis;

/** Calls `fn` in turn after turn of the event loop until it returns true. Uses no timer. */
export function eachTurn(fn: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const next = (): void => {
      if (fn()) resolve();
      else setImmediate(next);
    };
    next();
  });
}

/** Uses CPU for about `millis`. Reads a clock that fake timers do not replace. */
export function burn(millis: number): void {
  const end = process.uptime() + millis / 1000;
  while (process.uptime() < end);
}
