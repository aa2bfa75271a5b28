import type { AsyncLocalStorage } from 'node:async_hooks';
import { SamplerUnavailableError } from '../base/errors';
import { type Native, loadNative } from '../native/loadNative';
import { vacateThread } from '../slot/realms';
import { assertNoOtherVersionSamples } from './otherVersion';

/**
 * Loads the native part for a sampler of this thread.
 *
 * @param frameStorage Storage that labels the samples. `undefined` if the runtime has no
 *   AsyncContextFrame.
 * @throws {SamplerUnavailableError} if the native part does not load or does not fit this runtime,
 *   or another version of this package samples the thread.
 */
export function loadNativeFor(frameStorage: AsyncLocalStorage<unknown> | undefined): Native {
  assertNoOtherVersionSamples();
  // The modules of the native part must not see the guards of another realm.
  vacateThread();
  const native = loadNative();
  if (native.isAsyncContextFrameActive() !== (frameStorage !== undefined)) {
    throw new SamplerUnavailableError(
      `@datadog/pprof and Node.js ${process.version} disagree about whether AsyncContextFrame is active`,
    );
  }
  return native;
}
