import './telemetry.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { withRule } from 'rulescope';

/** Some work: hashes numbers for about `millis`. */
function work(millis) {
  const end = performance.now() + millis;
  let hash = 0;
  while (performance.now() < end) for (let i = 0; i < 1_000; i++) hash = (hash * 31 + i) | 0;
  return hash;
}

async function runRule(id, millis) {
  await withRule(id, async () => {
    for (;;) {
      work(millis);
      await sleep(20);
    }
  });
}

await Promise.all([runRule('price-alerts', 8), runRule('daily-report', 2)]);
