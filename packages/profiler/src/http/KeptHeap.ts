import type { Profile } from '../pprof/Profile';
import { toError } from '../base/errors';
import type { HeapOptions } from '../heap/options';
import type { Logger } from '../base/logger';
import type { HeapSource } from './HeapSource';

/** Heap sampling that goes on from request to request. Somebody else can stop V8's; then it begins anew. */
export class KeptHeap {
  private reader: ReturnType<HeapSource['open']> | undefined;

  constructor(
    private readonly source: Pick<HeapSource, 'open'>,
    private readonly options: HeapOptions,
    logger: Logger,
  ) {
    try {
      this.reader = source.open(options);
    } catch (thrown) {
      logger.warn(
        'rulescope: the heap is not sampled, another try at each request',
        toError(thrown),
      );
    }
  }

  get allocations(): boolean {
    return this.options.allocations === true;
  }

  /** What was sampled so far. @throws when it cannot be sampled, or was stopped since. */
  profile(): Profile {
    this.reader ??= this.source.open(this.options);
    try {
      return this.reader.profile();
    } catch (thrown) {
      this.close();
      throw thrown;
    }
  }

  close(): void {
    this.reader?.close();
    this.reader = undefined;
  }
}
