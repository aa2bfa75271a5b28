/** Installs fake timers on import if the first argument is `before`. Import it first. */
import { mock } from 'node:test';
import * as sinon from '@sinonjs/fake-timers';

/** Fake time begins here. */
const NOW = 1_000;

const EVERYTHING: sinon.FakeMethod[] = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'Date',
  'hrtime',
  'performance',
  'nextTick',
  'queueMicrotask',
];

/**
 * The kinds of fake timers: sinon's, which jest and vitest use too, with all methods or some, and
 * those of `node:test`. Each returns how many timers wait.
 */
const KINDS = {
  sinon: () => installSinon(EVERYTHING),
  immediates: () => installSinon(['setImmediate', 'clearTimeout', 'nextTick']),
  timeouts: () => installSinon(['setTimeout', 'clearTimeout']),
  clocks: () => installSinon(['Date', 'hrtime', 'performance']),
  nodeTest: () => {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'], now: NOW });
    return () => {
      mock.timers.tick(3_600_000);
      mock.timers.runAll();
      return 0;
    };
  },
};

function installSinon(toFake: sinon.FakeMethod[]): () => number {
  const clock = sinon.install({ now: NOW, toFake });
  return () => {
    clock.tick(3_600_000);
    // Throws if timers start timers without end.
    clock.runAll();
    return clock.countTimers();
  };
}

export const [when, kind] = process.argv.slice(2) as ['before' | 'during', keyof typeof KINDS];

/** Lets all fake timers elapse. Returns how many wait then. */
export let elapse: () => number = () => 0;

export function install(): void {
  elapse = KINDS[kind]();
}

if (when === 'before') install();
