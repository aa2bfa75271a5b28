/** Keeps this thread busy until the process has used `millis` more of CPU. */
export function burnCpu(millis: number): void {
  const end = cpuMillis() + millis;
  let x = 1;
  while (cpuMillis() < end) {
    for (let i = 0; i < 10_000; i++) x = Math.sqrt(x + i);
  }
}

/** Returns the CPU that this process has used, milliseconds. */
export function cpuMillis(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
