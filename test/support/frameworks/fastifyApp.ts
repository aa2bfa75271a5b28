import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { answer, listening, named } from './work';

/** Starts an application on Fastify. */
export async function serve(fastify: () => FastifyInstance): Promise<void> {
  const app = fastify();
  app.setErrorHandler<Error>((error, _request, reply) => {
    void reply.code(500).send({ ...named(0), error: error.message });
  });
  app.setNotFoundHandler((_request, reply) => void reply.code(404).send(named(0)));
  await app.register(
    (api, _options, done) => {
      api.get('/users/:id', answer);
      api.route({
        method: 'GET',
        url: '/orders/:id',
        // The test asks for the rule in hooks of the route too.
        preHandler: [
          (_request, reply, done) => {
            reply.header('x-first', hookNames());
            done();
          },
        ],
        onSend: (_request, reply, _payload, done) => {
          reply.header('x-last', hookNames());
          done();
        },
        handler: answer,
      });
      api.post('/users', (request, reply) => {
        void reply.code(201).send(named((request.body as number[]).length));
      });
      api.get('/fail', async () => {
        await answer();
        throw new Error('failed');
      });
      done();
    },
    { prefix: '/api' },
  );
  app.get('/tenants/:tenant/:id', answer);
  app.get('/', answer);
  await app.listen({ port: 0, host: '127.0.0.1' });
  listening((app.server.address() as AddressInfo).port);
}

function hookNames(): string {
  return named(0).rule ?? 'none';
}
