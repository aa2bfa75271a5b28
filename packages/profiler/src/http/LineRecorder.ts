import type { LineProfileOptions, LineProfileRun } from '../lines/startLineProfile';

/** Records line by line, beside the sampler that knows labels. */
export interface LineRecorder {
  /** @throws SamplerUnavailableError where it cannot be done; the message says why. */
  start(options: LineProfileOptions): Pick<LineProfileRun, 'stop'>;
}
