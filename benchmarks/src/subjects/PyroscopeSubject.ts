import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { StackSample, Subject } from './Subject';
import { requirePeer } from './requirePeer';
import { decodeStackSamples } from './stackSamples';

interface Pyroscope {
  init(config: object): void;
  wrapWithLabels(labels: Record<string, string>, fn: () => void): void;
  setLabels(labels: Record<string, string>): void;
  startWallProfiling(): void;
  stopWallProfiling(): Promise<void>;
}

/** Runs @pyroscope/nodejs, which sends its profiles to a local server in this process. */
export class PyroscopeSubject implements Subject {
  readonly name = 'pyroscope';
  /** Decoded at the end, because decoding uses CPU that would be sampled. */
  private readonly profiles: Buffer[] = [];
  private readonly pyroscope = requirePeer<{ default: Pyroscope }>('@pyroscope/nodejs').default;
  private server: Server | undefined;

  async start(samplingIntervalMicros: number, flushIntervalMs?: number): Promise<void> {
    this.server = createServer((request, response) => {
      void buffer(request).then((body) => {
        this.profiles.push(body);
        response.end();
      });
    });
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
    const { port } = this.server.address() as AddressInfo;
    this.pyroscope.init({
      appName: 'subject',
      serverAddress: `http://127.0.0.1:${port}`,
      flushIntervalMs,
      wall: { samplingIntervalMicros, collectCpuTime: true },
    });
    this.pyroscope.startWallProfiling();
  }

  /** Returns the result of `fn`, unlike `wrapWithLabels`, which keeps its labels if `fn` throws. */
  withRule<R>(rule: string, fn: () => R): R {
    let result: { value: R } | undefined;
    this.pyroscope.wrapWithLabels({ rule }, () => {
      result = { value: fn() };
    });
    return (result as { value: R }).value;
  }

  reset(): void {
    this.pyroscope.setLabels({});
  }

  async stop(): Promise<StackSample[]> {
    await this.pyroscope.stopWallProfiling();
    this.server?.closeAllConnections();
    this.server?.close();
    return this.profiles.flatMap((profile) => decodeStackSamples(profile).map(withPlainNames));
  }
}

/** Removes file and line: Pyroscope names functions `file:name:line`. */
function withPlainNames(sample: StackSample): StackSample {
  const functions = sample.functions.map((name) => /([^:]*):\d+$/.exec(name)?.[1] ?? name);
  return { ...sample, functions };
}
