import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Running, freePort, run } from '../support/processes';
import { runProgram, startProgram } from '../support/program';
import { PROCESS } from '../support/propagation';
import { ROOT } from '../support/repository';

const IDS = ['price alerts/ü,;=', 'b'];
const RULES = [null, ...IDS];
/** What both processes print for work outside any rule and in each rule. */
const EXPECTED = RULES.map((rule) => ({ rule, label: rule }));

/** Calls `ask` outside any rule and in each rule, and prints the answers. */
const ASK_ALL = `
  (async () => {
    json(await ask());
    for (const id of ${JSON.stringify(IDS)}) json(await withRule(id, () => ask()));
    process.exit();
  })();
`;

const PORT = `(error, port) => { if (error) throw error; console.log('port=' + port + ';'); }`;

/** A service of one method without a protobuf schema. */
const GRPC = `
  const grpc = require('@grpc/grpc-js');
  const serialize = (value) => Buffer.from(JSON.stringify(value));
  const deserialize = (bytes) => JSON.parse(bytes);
  const SERVICE = {
    ask: {
      path: '/test.Test/Ask',
      requestStream: false,
      responseStream: false,
      requestSerialize: serialize,
      requestDeserialize: deserialize,
      responseSerialize: serialize,
      responseDeserialize: deserialize,
    },
  };
  const serve = (ask) => {
    const server = new grpc.Server();
    server.addService(SERVICE, {
      ask: (call, done) => void ask(call).then((answer) => done(null, answer), done),
    });
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), ${PORT});
  };
  const connect = (port) => {
    const Client = grpc.makeGenericClientConstructor(SERVICE, 'Test');
    const client = new Client('127.0.0.1:' + port, grpc.credentials.createInsecure());
    return (metadata) => new Promise((resolve, reject) => {
      client.ask({}, metadata, (error, answer) => (error ? reject(error) : resolve(answer)));
    });
  };
`;

/** Loads an instrumentation of OpenTelemetry. They need the SDK 3.x. */
const instrumentation = (name: string, exported: string): string => {
  const path = join(ROOT, 'test/ecosystem/tools/node_modules/@opentelemetry', name);
  return `new (require(${JSON.stringify(path)}).${exported})()`;
};

const HTTP_AND_GRPC = [
  instrumentation('instrumentation-http', 'HttpInstrumentation'),
  instrumentation('instrumentation-grpc', 'GrpcInstrumentation'),
].join();

describe('rules across processes', () => {
  const started: Running[] = [];
  afterEach(() => Promise.all(started.splice(0).map((child) => child.stop('SIGKILL'))));

  /** Starts a program that prints its port. */
  async function serve(program: string): Promise<number> {
    const server = startProgram(program);
    started.push(server);
    return Number((await server.waitFor(/port=(\d+);/))[1]);
  }

  it('arrive over gRPC in its metadata', async () => {
    const port = await serve(`${PROCESS}${GRPC}
      start({ propagate: true });
      serve((call) => receive(call.metadata.getMap(), work));
    `);
    const { json } = await runProgram(`${PROCESS}${GRPC}
      start({ propagate: true });
      const call = connect(${port});
      const ask = () => {
        const metadata = new grpc.Metadata();
        for (const [key, value] of Object.entries(headers())) metadata.set(key, value);
        return call(metadata);
      };
      ${ASK_ALL}
    `);
    assert.deepEqual(json, EXPECTED);
  });

  it('arrive with the messages of a queue, in any reader', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'rulescope-redis-'));
    try {
      const port = await freePort();
      const options = ['--port', port, '--bind', '127.0.0.1', '--dir', directory, '--save', ''];
      const redis = run('redis-server', options.map(String));
      started.push(redis);
      await redis.waitFor(/Ready to accept connections/);
      const connection = `new (require('ioredis').Redis)(${port}, '127.0.0.1')`;
      const consumer = startProgram(`${PROCESS}
        start({ propagate: true });
        const redis = ${connection};
        (async () => {
          for (let count = 0; count < ${RULES.length}; count++) {
            const [, message] = await redis.brpop('queue', 0);
            json(await receive(JSON.parse(message).headers, work));
          }
          console.log('consumed all');
        })();
      `);
      started.push(consumer);
      await runProgram(`${PROCESS}
        start({ propagate: true });
        const redis = ${connection};
        const ask = () => redis.lpush('queue', JSON.stringify({ headers: headers() }));
        ${ASK_ALL}
      `);
      await consumer.waitFor(/consumed all/);
      const printed = [...consumer.output().matchAll(/^json:(.*)$/gm)];
      assert.deepEqual(
        printed.map(([, text]) => JSON.parse(text!) as unknown),
        EXPECTED,
      );
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  if (process.env['RULESCOPE_SDK'] === '3') {
    it("arrive by OpenTelemetry's own instrumentations, over HTTP and gRPC in turn", async () => {
      const last = await serve(`${PROCESS}
        start({ propagate: true }, [${HTTP_AND_GRPC}]);
        ${GRPC}
        serve(work);
      `);
      const port = await serve(`${PROCESS}
        start({ propagate: true }, [${HTTP_AND_GRPC}]);
        ${GRPC}
        const call = connect(${last});
        require('node:http').createServer((request, response) => {
          void Promise.all([work(), call(new grpc.Metadata())])
            .then((answers) => response.end(JSON.stringify(answers)));
        }).listen(0, '127.0.0.1', function () { (${PORT})(undefined, this.address().port); });
      `);
      const { json } = await runProgram(`${PROCESS}
        start({ propagate: true }, [${HTTP_AND_GRPC}]);
        const http = require('node:http');
        const ask = () => new Promise((resolve, reject) => {
          http.get('http://127.0.0.1:${port}', async (response) => {
            resolve(JSON.parse(Buffer.concat(await response.toArray())));
          }).on('error', reject);
        });
        ${ASK_ALL}
      `);
      const both = EXPECTED.map((answer) => [answer, answer]);
      assert.deepEqual(json, both);
    });
  }
});
