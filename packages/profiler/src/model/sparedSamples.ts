/**
 * Returns how many samples a waiting thread was spared: fair sampling leaves one sample of a wait,
 * however long it is, where there would be one in each interval. Pure.
 *
 * @param waitsMicros Of each idle sample, the time since the sample before it.
 */
export function sparedSamples(waitsMicros: Iterable<number>, intervalMicros: number): number {
  let spared = 0;
  for (const micros of waitsMicros) spared += Math.max(0, Math.round(micros / intervalMicros) - 1);
  return spared;
}
