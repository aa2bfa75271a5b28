import type { SamplerOptions } from '../../src/sampler/Sampler';
import assert from 'node:assert/strict';
import { WindowRecorder } from '../../src/collector/WindowRecorder';
import { FakeClock } from '../support/FakeClock';
import { FakeLabels } from '../support/FakeLabels';
import { FakeSampler } from '../support/FakeSampler';
import { LogSpy } from '../support/LogSpy';
import { origin } from '../support/builders';

const SLOW: SamplerOptions = { samplingIntervalMicros: 10_101, bufferMillis: 60_000, fair: true };
const FAST: SamplerOptions = { samplingIntervalMicros: 1_009, bufferMillis: 60_000, fair: true };

describe('WindowRecorder', () => {
  let sampler: FakeSampler;
  let labels: FakeLabels;
  let clock: FakeClock;
  let logger: LogSpy;
  let recorder: WindowRecorder;
  let warnings: [message: string, code: string][];

  beforeEach(() => {
    sampler = new FakeSampler();
    labels = new FakeLabels();
    clock = new FakeClock();
    logger = new LogSpy();
    warnings = [];
    const warn = (...warning: (typeof warnings)[number]) => void warnings.push(warning);
    recorder = new WindowRecorder({ sampler, labels, clock, origin, warn }, logger);
  });

  it('has no window to close before open()', () => {
    assert.equal(recorder.running, false);
    assert.equal(recorder.ageMillis, undefined);
    assert.equal(recorder.startFailure, undefined);
    assert.equal(recorder.close({ next: SLOW }), undefined);
    assert.deepEqual(sampler.calls, []);
    assert.deepEqual(labels.events, []);
  });

  it('begins the first window after the sampler start and each next window where the last ended', () => {
    sampler.start = function (options) {
      clock.advance(30);
      FakeSampler.prototype.start.call(this, options);
    };
    recorder.open(SLOW);
    assert.equal(recorder.ageMillis, 0);
    clock.advance(100);
    const first = recorder.close({ next: SLOW });
    clock.advance(5);
    recorder.open(SLOW, first?.boundary);
    clock.advance(100);
    const second = recorder.close({ next: undefined });
    assert.equal(first?.window.durationMillis, 100);
    assert.equal(second?.window.startTime, first.window.endTime);
    assert.equal(second.window.durationMillis, 105);
    assert.deepEqual([first.window.sequence, second.window.sequence], [1, 2]);
  });

  it('continues with new options or stops, and tells the label storage', () => {
    recorder.open(SLOW);
    recorder.close({ next: FAST });
    assert.equal(sampler.startedWith, FAST);
    recorder.open(FAST);
    recorder.close({ next: undefined });
    assert.deepEqual(sampler.calls, ['start', 'rotate', 'stop']);
    assert.deepEqual(labels.events, ['started', 'closed', 'stopped']);
    assert.equal(recorder.running, false);
  });

  it('records the sampling interval, the worker count and a stall in the window', () => {
    recorder.open(SLOW);
    const first = recorder.close({ next: FAST, workers: [3, 5] });
    recorder.open(FAST, first?.boundary);
    clock.advance(3_000);
    const second = recorder.close({ next: FAST, plannedMillis: 1_000 });
    assert.equal(first?.window.samplingIntervalMicros, 10_101);
    assert.deepEqual(first.window.workers, [3, 5]);
    assert.equal(first.window.incompleteReason, undefined);
    assert.equal(second?.window.samplingIntervalMicros, 1_009);
    assert.equal(second.window.workers, undefined);
    assert.equal(second.window.incompleteReason, 'stall');
  });

  it('puts a start error into the window and tries again for the next window', () => {
    const error = (sampler.startError = new Error('no signal'));
    recorder.open(SLOW);
    assert.equal(recorder.startFailure, error);
    assert.equal(recorder.close({ next: SLOW })?.window.error?.message, error.message);
    assert.equal(recorder.startFailure, undefined);
    sampler.startError = undefined;
    recorder.open(SLOW);
    assert.equal(recorder.startFailure, undefined);
    assert.equal(recorder.close({ next: undefined })?.window.error, undefined);
    assert.deepEqual(sampler.calls, ['start', 'start', 'stop']);
  });

  it('logs a start error once, and again when the reason changes', () => {
    for (const reason of ['no signal', 'no signal', 'no memory', 'no signal']) {
      sampler.startError = new Error(reason);
      recorder.open(SLOW);
      recorder.close({ next: SLOW });
    }
    assert.deepEqual(
      logger.lines.map(({ message }) => message),
      Array(3).fill('rulescope: sampling does not start'),
    );
  });

  it('warns once, in the log and on stderr, that samples are not fair', () => {
    sampler.fairness = { fair: false, slice: undefined, reason: new Error('no add-on') };
    recorder.open(SLOW);
    recorder.close({ next: undefined });
    recorder.open(SLOW);
    assert.equal(warnings.length, 1);
    const [message = '', code] = warnings[0] ?? [];
    assert.equal(code, 'RULESCOPE_UNFAIR_SAMPLING');
    assert.match(message, /samples are not fair \(no add-on\).*fairSampling: false/);
    assert.deepEqual(
      logger.lines.map((line) => [line.level, line.message]),
      [['warn', message]],
    );
  });

  it('warns that samples are less fair than they can be if only the slice is refused', () => {
    sampler.fairness = { fair: true, slice: 'refused', reason: new Error('seccomp') };
    recorder.open(SLOW);
    assert.match(warnings[0]?.[0] ?? '', /less fair than they can be \(seccomp\)/);
  });

  it('gives this warning also when new options restart the sampler', () => {
    recorder.open(SLOW);
    assert.deepEqual(warnings, []);
    sampler.fairness = { fair: true, slice: 'refused', reason: new Error('seccomp') };
    recorder.close({ next: FAST });
    assert.equal(warnings.length, 1);
  });

  it('gives no warning if fair sampling is off', () => {
    sampler.fairness = { fair: false, slice: undefined, reason: undefined };
    recorder.open(SLOW);
    assert.deepEqual([logger.lines, warnings], [[], []]);
  });

  it('stops the sampler if the label storage cannot start', () => {
    labels.samplingStarted = () => {
      throw new Error('no hook');
    };
    recorder.open(SLOW);
    assert.equal(recorder.startFailure?.message, 'no hook');
    assert.equal(sampler.running, false);
    assert.deepEqual(labels.events, ['stopped']);
  });

  it('puts the error into a window that cannot be closed, and stops the sampler', () => {
    recorder.open(SLOW);
    sampler.rotateError = new Error('no answer');
    assert.equal(recorder.close({ next: SLOW })?.window.error?.message, 'no answer');
    assert.deepEqual(labels.events, ['started', 'stopped']);
    assert.match(logger.lines[0]?.message ?? '', /could not be closed/);
  });
});
