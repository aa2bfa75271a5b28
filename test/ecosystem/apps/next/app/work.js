import { setImmediate as nextTurn } from 'node:timers/promises';

/** Works for some milliseconds, the same in all routes, after the flow has waited. */
export async function getOrder(_request, { params }) {
  const { id } = await params;
  await nextTurn();
  let x = 1;
  for (let i = 0; i < 1_000_000; i++) x = Math.sqrt(x + i);
  return Response.json({ id, result: x });
}
