import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { appFolder } from '../support/frameworks/startApp';
import { type Framework, testFramework } from '../support/frameworks/testFramework';
import { ROOT } from '../support/repository';

const APPS = join(ROOT, 'test/ecosystem/apps');
const TOOLS = join(ROOT, 'test/ecosystem/tools/node_modules');

/** Copies a package and the packages that it needs, so that it has the name `as`. */
function copyPackage(name: string, directory: string, as = name): void {
  const [from, to] = [join(TOOLS, name), join(directory, 'node_modules', as)];
  if (existsSync(to)) return;
  cpSync(from, to, { recursive: true });
  copyNeeded(from, directory);
}

/** Copies what a package needs and does not have in a folder of its own. */
function copyNeeded(from: string, directory: string): void {
  const { dependencies = {} } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) {
    const own = join(from, 'node_modules', name);
    if (existsSync(own)) copyNeeded(own, directory);
    else copyPackage(name, directory);
  }
}

/** Links a package in the folder of an application. */
function linkPackage(name: string, directory: string): void {
  const link = join(directory, 'node_modules', name);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(join(TOOLS, name), link, 'dir');
}

/** Returns an application that `write` makes in a folder. */
function framework(
  rest: Omit<Framework, 'directory'>,
  write: (directory: string) => void,
): Framework {
  let directory: string;
  before(() => write((directory = appFolder(__dirname))));
  return { ...rest, directory: () => directory };
}

/** Writes an application that calls `serve` of a file with a framework. */
function writeMain(directory: string, app: string, library: string): void {
  const serve = require.resolve(`../support/frameworks/${app}`);
  const text = `require(${JSON.stringify(serve)}).serve(require('${library}'));`;
  writeFileSync(join(directory, 'app.cjs'), text);
}

const EXPRESS = { main: 'app.cjs', adapter: ['ExpressAdapter', 'express'] } as const;
const FASTIFY = { main: 'app.cjs', adapter: ['FastifyAdapter', 'fastify'] } as const;

describe('Express 4', () => {
  const next = ['GET', '/api/next/7', undefined, 'GET /api/next/:other'] as const;
  testFramework(
    framework({ ...EXPRESS, recipe: 'Express', requests: [next] }, (directory) => {
      copyPackage('express-4', directory, 'express');
      writeMain(directory, 'expressApp', 'express');
    }),
  );
});

describe('Fastify 5', () => {
  testFramework(
    framework({ ...FASTIFY, recipe: 'Fastify' }, (directory) =>
      writeMain(directory, 'fastifyApp', 'fastify'),
    ),
  );
});

describe('Fastify 5 with @fastify/otel', () => {
  testFramework(
    framework({ ...FASTIFY, recipe: 'Fastify with @fastify/otel' }, (directory) => {
      // A copy uses the OpenTelemetry API of this run.
      cpSync(join(TOOLS, '@fastify/otel'), join(directory, 'node_modules/@fastify/otel'), {
        recursive: true,
      });
      writeMain(directory, 'fastifyApp', 'fastify');
    }),
  );
});

/** Writes an application that NestJS serves on a platform. */
function writeNestMain(directory: string, platform: 'express' | 'fastify', adapter: string): void {
  for (const name of ['@nestjs', 'reflect-metadata']) linkPackage(name, directory);
  cpSync(join(APPS, 'nest/nest.mjs'), join(directory, 'nest.mjs'));
  const text = `
    import { ${adapter} } from '@nestjs/platform-${platform}';
    import { serve } from './nest.mjs';
    await serve(new ${adapter}());`;
  writeFileSync(join(directory, 'app.mjs'), text);
}

describe('NestJS 12 on Express', () => {
  const nest = {
    ...EXPRESS,
    main: 'app.mjs',
    recipe: 'NestJS',
    // NestJS has a route of its own for what is not found below its prefix.
    nothingBelowApi: 'GET /api*path',
  };
  testFramework(
    framework(nest, (directory) => writeNestMain(directory, 'express', 'ExpressAdapter')),
  );
});

describe('NestJS 12 on Fastify', () => {
  const nest = { ...FASTIFY, main: 'app.mjs', recipe: 'Fastify' };
  testFramework(
    framework(nest, (directory) => writeNestMain(directory, 'fastify', 'FastifyAdapter')),
  );
});
