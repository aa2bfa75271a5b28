import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { appFolder } from '../support/frameworks/startApp';
import { type Framework, testFramework, testNames } from '../support/frameworks/testFramework';

const SERVE = JSON.stringify(require.resolve('../support/frameworks/expressApp'));

/** Returns an application on Express 5 that is started by a file with this text. */
function express(main: string, text: string): Framework {
  let directory: string;
  before(() => {
    directory = appFolder(__dirname);
    writeFileSync(join(directory, main), text);
  });
  return {
    directory: () => directory,
    main,
    recipe: 'Express',
    adapter: ['ExpressAdapter', 'express'],
    requests: [['GET', '/api/next/7', undefined, 'GET /api/next/:other']],
  };
}

describe('Express 5', () => {
  testFramework(express('app.cjs', `require(${SERVE}).serve(require('express'));`));
});

describe('Express 5 in an ES module', () => {
  const text = `
    import { createRequire } from 'node:module';
    import express from 'express';
    createRequire(import.meta.url)(${SERVE}).serve(express);
  `;
  testNames(express('app.mjs', text));
});
