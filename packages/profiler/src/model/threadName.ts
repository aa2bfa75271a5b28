/**
 * Returns the name of a thread in profiles, where it is the value of the label `thread`, and in
 * requests for profiles. Pure.
 */
export function threadName(threadId: number): string {
  return threadId === 0 ? 'main' : `worker-${threadId}`;
}

/**
 * Returns labels that tell a worker's samples from others in a merged profile. The main thread has
 * none. Pure.
 */
export function threadLabels(threadId: number): { readonly thread?: string } {
  return threadId === 0 ? {} : { thread: threadName(threadId) };
}
