import { createRequire } from 'node:module';
import 'reflect-metadata';
import { Body, Catch, Controller, Get, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

const { answer, listening, named } = createRequire(import.meta.url)(process.env.WORK);

class Root {
  work() {
    return answer();
  }
}
class Api {
  work() {
    return answer();
  }
  add(body) {
    return named(body.length);
  }
  async fail() {
    await answer();
    throw new Error('failed');
  }
}
class Failures {
  catch(error, host) {
    const response = host.switchToHttp().getResponse();
    response.status(error.getStatus?.() ?? 500).send({ ...named(0), error: error.message });
  }
}
class Application {}

/** Decorates without a compiler. */
function decorate(decorator, { prototype }, method) {
  decorator(prototype, method, Object.getOwnPropertyDescriptor(prototype, method));
}
decorate(Get(['', 'tenants/:tenant/:id']), Root, 'work');
decorate(Get(['users/:id', 'orders/:id']), Api, 'work');
decorate(Post('users'), Api, 'add');
Body()(Api.prototype, 'add', 0);
decorate(Get('fail'), Api, 'fail');
Controller()(Root);
Controller()(Api);
Catch()(Failures);
Module({ controllers: [Root, Api] })(Application);

/** Starts the application on a platform of NestJS. */
export async function serve(platform) {
  const app = await NestFactory.create(Application, platform, { logger: ['error'] });
  app.setGlobalPrefix('api', { exclude: ['/', 'tenants/:tenant/:id'] });
  app.useGlobalFilters(new Failures());
  await app.listen(0, '127.0.0.1');
  listening(app.getHttpServer().address().port);
}
