import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { PassThrough, Readable, Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Scenario } from '../Scenario';

export const streams: readonly Scenario[] = [
  {
    name: 'pipeline with a Transform',
    async run(stage) {
      const work = (rule: string): Promise<void> =>
        stage.withRule(rule, () =>
          pipeline(
            Readable.from(['one', 'two']),
            new Transform({
              transform(chunk, _, done): void {
                stage.burn(rule);
                setImmediate(done, null, chunk);
              },
            }),
            new Writable({
              write(_chunk, _encoding, done): void {
                stage.burn(rule);
                setImmediate(done);
              },
            }),
          ),
        );
      await Promise.all([work('a'), work('b')]);
      stage.burn();
    },
  },
  {
    name: 'for await over a file stream',
    async run(stage) {
      await stage.withRule('a', async () => {
        for await (const _ of createReadStream(__filename)) stage.burn('a');
        stage.burn('a');
      });
      stage.burn();
    },
  },
  {
    name: 'readline',
    async run(stage) {
      const input = new PassThrough();
      const reading = stage.withRule('a', async () => {
        for await (const _ of createInterface({ input })) stage.burn('a');
      });
      stage.withRule('b', () => input.end('one\ntwo\n'));
      await reading;
      stage.burn();
    },
  },
  {
    name: 'web streams',
    async run(stage) {
      await stage.withRule('a', async () => {
        const stream = new ReadableStream<number>({
          start(controller): void {
            controller.enqueue(1);
            controller.close();
          },
        });
        for await (const _ of stream) stage.burn('a');
        stage.burn('a');
      });
      stage.burn();
    },
  },
];
