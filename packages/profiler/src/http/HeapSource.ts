import type { HeapReader, HeapSupport } from '../heap/HeapReader';
import type { HeapOptions } from '../heap/options';

/** Heap sampling, as the endpoints need it. */
export interface HeapSource {
  /** @throws SamplerUnavailableError when the heap cannot be sampled so; the message says why and what to do. */
  open(options: HeapOptions): Pick<HeapReader, 'profile' | 'close'>;
  support(): HeapSupport;
}
