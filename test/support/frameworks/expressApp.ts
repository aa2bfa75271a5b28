import type { AddressInfo } from 'node:net';
import type express from 'express';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { answer, listening, named } from './work';

/** Starts an application on Express 4 or 5. */
export function serve(framework: typeof express): void {
  const work: RequestHandler = (_request, response, next) => {
    answer().then((found) => response.json(found), next);
  };
  const id = framework.Router({ mergeParams: true });
  id.get('/:id', work);
  const api = framework.Router();
  api.use('/:kind', (_request, _response, next) => next());
  api.use('/users', id);
  api.get('/orders/:id', work);
  api.post('/users', (request, response) => {
    response.status(201).json(named((request.body as number[]).length));
  });
  api.get('/fail', (_request, _response, next) => {
    answer().then(() => next(new Error('failed')), next);
  });
  api.get('/next/:id', (_request, _response, next) => next());

  const app = framework();
  app.use(framework.json());
  app.use('/tenants/:tenant', id);
  app.use('/api', api);
  app.get('/api/next/:other', work);
  app.get('/', work);
  app.use((_request, response) => void response.status(404).json(named(0)));
  const failed: ErrorRequestHandler = (error: Error, _request, response, _next) => {
    response.status(500).json({ ...named(0), error: error.message });
  };
  app.use(failed);
  const server = app.listen(0, '127.0.0.1', () =>
    listening((server.address() as AddressInfo).port),
  );
}
