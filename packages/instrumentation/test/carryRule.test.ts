import assert from 'node:assert/strict';
import { once } from 'node:events';
import { BroadcastChannel, MessageChannel, Worker } from 'node:worker_threads';
import { carryRule, withCarriedRule } from '../src/carryRule';
import { postWithRule, receiveWithRule } from '../src/postWithRule';
import { getRule, withRule } from '../src/rule';
import { currentRule } from './support/currentRule';
import { cleanGlobals, instrument } from './support/globals';

/** What a handler sees: the message, the rule in the Context, the rule in the label. */
const see = (message: unknown) => [message, getRule(), currentRule()];
const handle = withCarriedRule(see);

/** The message as the other thread receives it. */
const sent = <T>(message: T): T => structuredClone(message);

describe('a message with its rule', () => {
  cleanGlobals();
  beforeEach(() => {
    instrument();
  });

  describe('carryRule and withCarriedRule', () => {
    it('carry the current rule, which is the innermost one', () => {
      const carried = withRule('outer', () => withRule('inner', () => carryRule({ n: 1 })));
      assert.deepEqual(handle(sent(carried)), [{ n: 1 }, 'inner', 'inner']);
      assert.equal(getRule(), undefined);
    });

    it('take any string as an id', () => {
      for (const id of ['', '__proto__', '{"a":1}', '\u0000\n', 'ü💥'.repeat(1000), '\ud800']) {
        const carried = withRule(id, () => carryRule(1));
        assert.deepEqual(handle(sent(carried)), [1, id, id]);
      }
    });

    it('leave a message as it is if no rule is current, and handle it in the current rule', () => {
      const message = { n: 1 };
      assert.equal(carryRule(message), message);
      assert.deepEqual(
        withRule('here', () => handle(message)),
        [message, 'here', 'here'],
      );
    });

    it('prefer the rule of the message to the rule of the receiver, and restore that one', () => {
      const carried = sent(withRule('there', () => carryRule(1)));
      withRule('here', () => {
        assert.deepEqual(handle(carried), [1, 'there', 'there']);
        assert.equal(getRule(), 'here');
      });
    });

    it('leave the rule of a message that is in an envelope already', () => {
      const carried = withRule('inner', () => carryRule(1));
      assert.equal(
        withRule('outer', () => carryRule(carried)),
        carried,
      );
    });

    it('keep the rule over awaits, and pass this, further arguments, results and errors through', async () => {
      const carried = withRule('r', () => carryRule(1));
      const asynchronous = withCarriedRule(async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return getRule();
      });
      assert.equal(await asynchronous(carried), 'r');
      const method = withCarriedRule(function (this: unknown, ...args: unknown[]) {
        return [this, ...args];
      });
      const self = {};
      assert.deepEqual(method.call(self, carried, 2, 3), [self, 1, 2, 3]);
      const throwing = withCarriedRule(() => {
        throw new RangeError('its own');
      });
      assert.throws(() => throwing(carried), RangeError);
      assert.equal(getRule(), undefined);
    });

    it('pass values on that only look like an envelope', () => {
      const key = Object.keys(withRule('r', () => carryRule(1)) as object)[0]!;
      const inherited = Object.create({ [key]: 'r', message: 1 }) as object;
      for (const value of [null, 1, 'x', [], { [key]: 1, message: 2 }, { [key]: 'r' }, inherited]) {
        assert.deepEqual(handle(value), [value, undefined, undefined]);
      }
    });
  });

  describe('postWithRule and receiveWithRule', () => {
    it('work with a MessagePort and transferred objects', async () => {
      const { port1, port2 } = new MessageChannel();
      const got: unknown[][] = [];
      const stop = receiveWithRule(port2, (message) => got.push(see(message)));
      const bytes = new ArrayBuffer(8);
      withRule('r', () => postWithRule(port1, bytes, [bytes]));
      assert.equal(bytes.byteLength, 0);
      await once(port2, 'message');
      assert.deepEqual(got, [[new ArrayBuffer(8), 'r', 'r']]);
      stop();
      assert.equal(port2.listenerCount('message'), 0);
      port1.close();
    });

    it('work with a BroadcastChannel', async () => {
      const [from, to] = [new BroadcastChannel('carryRule'), new BroadcastChannel('carryRule')];
      const got = await new Promise((resolve) => {
        receiveWithRule(to, (message) => resolve(see(message)));
        withRule('r', () => postWithRule(from, 'hello'));
      });
      assert.deepEqual(got, ['hello', 'r', 'r']);
      from.close();
      to.close();
    });

    it('work with a Worker and its parentPort, both ways', async () => {
      const src = JSON.stringify(require.resolve('../src'));
      const worker = new Worker(
        `const { RuleInstrumentation, getRule, postWithRule, receiveWithRule, withRule } = require(${src});
         new RuleInstrumentation();
         const { parentPort } = require('node:worker_threads');
         const stop = receiveWithRule(parentPort, (message) => {
           postWithRule(parentPort, [message, getRule()]);
           withRule('inner', () => postWithRule(parentPort, 'second'));
           stop();
         });`,
        { eval: true },
      );
      const got: unknown[][] = [];
      receiveWithRule(worker, (message) => got.push(see(message)));
      withRule('r', () => postWithRule(worker, 'hello'));
      await once(worker, 'exit');
      assert.deepEqual(got, [
        [['hello', 'r'], 'r', 'r'],
        ['second', 'inner', 'inner'],
      ]);
    });
  });
});
