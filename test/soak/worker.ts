/** A worker with rules and a load of some percent. Posts `online` when ready; ends on request. */
import { parentPort } from 'node:worker_threads';
import { RuleInstrumentation, receiveWithRule, withRule } from 'rulescope';
import { between, burn } from './pace';

new RuleInstrumentation();

const rounds = setInterval(() => {
  withRule(`worker rule ${Math.floor(between(0, 20))}`, () => burn(between(0.1, 3)));
}, 20);

const stopReceiving = receiveWithRule(parentPort!, (message: { burn?: number; end?: true }) => {
  burn(message.burn ?? 0);
  if (message.end !== true) return;
  clearInterval(rounds);
  stopReceiving();
});

parentPort!.postMessage('online');
