import type { MessagePort } from 'node:worker_threads';
import { toError } from '../base/errors';
import { inTurns } from '../base/inTurns';
import type { Logger } from '../base/logger';
import { type Steps, allAtOnce } from '../base/steps';
import { timers } from '../base/timers';
import type { RecordMessage, RecordingMessage, StopMessage } from '../workers/messages';
import type * as recorder from './startRecording';

type Recorder = Pick<typeof recorder, 'startRecording' | 'encodedInSteps'>;

/** Loaded on first use: few threads are asked for a recording. */
function loadRecorder(): Recorder {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('./startRecording') as Recorder;
}

/** Records profiles of this worker thread for the main thread. Keeps no thread alive. */
export class RecordingServer {
  private readonly running = new Set<ServedRecording>();

  constructor(
    private readonly logger: Logger,
    private readonly load = loadRecorder,
  ) {}

  /** Starts a recording. It goes on until the main thread stops it or gives it up. Never throws. */
  serve({ request, port }: RecordMessage): void {
    let served: ServedRecording;
    try {
      const { startRecording, encodedInSteps } = this.load();
      const recording = startRecording(request, this.logger);
      served = new ServedRecording(
        port,
        (comments) => encodedInSteps(recording.stop(comments)),
        () => recording.discard(),
        () => this.running.delete(served),
      );
    } catch (thrown) {
      port.postMessage({ kind: 'failed', message: toError(thrown).message });
      port.close();
      return;
    }
    this.running.add(served);
  }

  /** Ends all recordings and sends what they have, with the reason as a comment. */
  end(reason: string): void {
    for (const served of this.running) served.endNow(reason);
  }
}

/** A recording under way, from its start until the main thread has its profile. */
class ServedRecording {
  private readonly startMillis = timers.monotonicMillis();
  /** What is left to do since the recording was stopped. */
  private steps: Steps<Uint8Array> | undefined;
  private over = false;

  /** @param onOver Called once, when nothing is left to do. */
  constructor(
    private readonly port: MessagePort,
    private readonly stop: (comments: readonly string[]) => Steps<Uint8Array>,
    private readonly discard: () => void,
    private readonly onOver: () => void,
  ) {
    port.on('message', ({ comments }: StopMessage) => void this.end(comments));
    port.on('close', () => this.giveUp());
    port.unref();
    port.postMessage({ kind: 'started' } satisfies RecordingMessage);
  }

  /** Delivers the profile before the call returns, for a thread whose event loop has ended. */
  endNow(reason: string): void {
    const seconds = (timers.monotonicMillis() - this.startMillis) / 1000;
    const comments = [`ended after ${seconds.toFixed(1)} s: ${reason}`];
    try {
      const bytes = allAtOnce((this.steps ??= this.stop(comments)));
      this.send({ kind: 'profile', bytes });
    } catch (thrown) {
      this.fail(thrown);
    }
  }

  private async end(comments: readonly string[]): Promise<void> {
    if (this.steps !== undefined) return;
    this.port.postMessage({ kind: 'stopped' } satisfies RecordingMessage);
    try {
      const bytes = await inTurns((this.steps = this.stop(comments)));
      this.send({ kind: 'profile', bytes });
    } catch (thrown) {
      this.fail(thrown);
    }
  }

  private giveUp(): void {
    if (this.over) return;
    this.close();
    try {
      if (this.steps === undefined) this.discard();
    } catch {
      // Nobody waits for it any more.
    }
  }

  private fail(thrown: unknown): void {
    this.send({ kind: 'failed', message: toError(thrown).message });
  }

  private send(message: RecordingMessage): void {
    if (this.over) return;
    const transfer = message.kind === 'profile' ? [message.bytes.buffer as ArrayBuffer] : [];
    this.port.postMessage(message, transfer);
    this.close();
  }

  private close(): void {
    this.over = true;
    this.port.close();
    this.onOver();
  }
}
