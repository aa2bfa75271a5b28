import assert from 'node:assert/strict';
import { type Logger, safeLogger, silentLogger } from '../../src/base/logger';
import { LogSpy } from '../support/LogSpy';

describe('safeLogger', () => {
  for (const level of ['error', 'warn', 'debug'] as const) {
    it(`calls ${level}() on the wrapped logger, with all details`, () => {
      const log = new LogSpy();
      safeLogger(log)[level]('message', 1, 2);
      assert.deepEqual(log.lines, [{ level, message: 'message', details: [1, 2] }]);
    });

    it(`ignores an error that ${level}() throws`, () => {
      const fail = (): never => {
        throw new Error('the logger');
      };
      const broken: Logger = { ...silentLogger, [level]: fail };
      assert.equal(safeLogger(broken)[level]('message'), undefined);
    });
  }
});
