/** The timers of Node.js, taken before an operation replaces them. */
const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate } = globalThis;
const now = process.hrtime.bigint.bind(process.hrtime);

export const realTimers = {
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  setImmediate,
  /** Waits for `millis` of real time. */
  sleep: (millis: number): Promise<void> =>
    new Promise((resolve) => void setTimeout(resolve, millis)),
  /** Keeps the thread busy in JavaScript for `millis`. */
  burn: (millis: number): number => {
    const end = now() + BigInt(millis) * 1_000_000n;
    let x = 1;
    while (now() < end) for (let i = 0; i < 1_000; i++) x = Math.sqrt(x + i);
    return x;
  },
  /** Reads a clock that neither jumps nor can be faked, nanoseconds. */
  now,
};
