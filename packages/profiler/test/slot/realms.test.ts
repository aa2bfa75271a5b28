import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import vm from 'node:vm';
import { occupyThread } from '../../src/slot/realms';

describe('occupyThread', () => {
  /** Runs `occupyThread` of another realm, with a `leave` that counts its calls. */
  function inOtherRealm(): { left: number; giveUp: () => void } {
    const result = { left: 0, giveUp: () => undefined as void };
    const leave = () => void result.left++;
    const source = `(function (module, require) { const exports = module.exports; ${sourceOf()}\nreturn module.exports.occupyThread; })`;
    const load = vm.runInNewContext(source) as (
      module: { exports: object },
      load: NodeJS.Require,
    ) => typeof occupyThread;
    result.giveUp = load({ exports: {} }, require)(leave);
    return result;
  }

  function sourceOf(): string {
    return readFileSync(require.resolve('../../src/slot/realms'), 'utf8');
  }

  it('asks another realm to leave, once', () => {
    const other = inOtherRealm();
    const giveUp = occupyThread(() => assert.fail());
    assert.equal(other.left, 1);
    occupyThread(() => assert.fail())();
    assert.equal(other.left, 1);
    giveUp();
  });

  it('does not ask a realm that has given up, or its own', () => {
    const other = inOtherRealm();
    other.giveUp();
    const giveUp = occupyThread(() => assert.fail());
    occupyThread(() => assert.fail())();
    assert.equal(other.left, 0);
    giveUp();
  });
});
