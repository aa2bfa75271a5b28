import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Readable, Transform } from 'node:stream';
import { Worker } from 'node:worker_threads';
import type { Helpers } from '../Helpers';
import type { Work } from '../Work';
import type { Stop } from './Driver';

/** Runs a burst for each message from a worker thread. */
export function driveWorkerMessages(work: Work): Stop {
  const script = join(__dirname, '../generators/messages.js');
  const worker = new Worker(script, { workerData: work.totalRate });
  worker.on('message', () => work.run(work.draw()));
  return () => void worker.terminate();
}

/** Runs a burst for each HTTP request from another process. */
export async function driveRequests(work: Work, helpers: Helpers): Promise<Stop> {
  const server = createServer((_, response) => {
    work.run(work.draw());
    response.end('done');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  helpers.generate('requests', [(server.address() as AddressInfo).port, work.totalRate]);
  return () => {
    server.close();
    server.closeAllConnections();
  };
}

/** Runs a burst, in a `Transform`, for each line that another process writes to a pipe. */
export function driveStream(work: Work, helpers: Helpers): Stop {
  const source = helpers.generate('lines', [work.totalRate]).stdout as Readable;
  const rules = new Transform({
    objectMode: true,
    transform: (line: string, _, done) => {
      work.run(work.draw());
      done(null, line.length);
    },
  });
  const lines = createInterface({ input: source });
  lines.on('line', (line) => rules.write(line));
  rules.resume();
  return () => lines.close();
}
