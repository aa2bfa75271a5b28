import { setImmediate as nextTurn } from 'node:timers/promises';
import { withRule } from 'rulescope';

/** Works for some milliseconds in a rule: both are in the query. */
export async function GET(request) {
  const { searchParams } = new URL(request.url);
  const millis = Number(searchParams.get('millis'));
  await withRule(searchParams.get('rule'), async () => {
    await nextTurn();
    const end = performance.now() + millis;
    while (performance.now() < end);
  });
  return new Response('done');
}
