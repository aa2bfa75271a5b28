import { settled } from './settled';

/** Runs `action` and returns the rejections that nothing handled: each would end the process. */
export async function unhandledRejections(action: () => Promise<void>): Promise<unknown[]> {
  const unhandled: unknown[] = [];
  // The listeners of Mocha would fail the test that runs.
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (reason) => unhandled.push(reason));
  try {
    await action();
    await settled();
  } finally {
    process.removeAllListeners('unhandledRejection');
    for (const listener of listeners) process.on('unhandledRejection', listener);
  }
  return unhandled;
}
