import assert from 'node:assert/strict';
import { type Profiler, Session, console as inspectorConsole } from 'node:inspector';
import { InspectorSampler } from '../../src/lines/InspectorSampler';
import type { InspectorProfile } from '../../src/lines/LineSampler';

function burn(millis: number): void {
  const start = process.cpuUsage();
  while (process.cpuUsage(start).user < millis * 1000) for (let i = 0; i < 1e4; i++) Math.sqrt(i);
}

const hitsIn = ({ nodes }: InspectorProfile): number =>
  nodes.reduce((sum, { hitCount = 0 }) => sum + hitCount, 0);

describe('InspectorSampler', () => {
  let sampler: InspectorSampler;
  let starts = 0;
  const { post } = Session.prototype;

  beforeEach(() => {
    starts = 0;
    Session.prototype.post = function (this: Session, ...args: Parameters<typeof post>) {
      if ((args[0] as string) === 'Profiler.start') starts++;
      post.apply(this, args);
    } as typeof post;
    sampler = new InspectorSampler();
    sampler.start(1_000, () => undefined);
  });

  afterEach(() => {
    Session.prototype.post = post;
  });

  it('cuts without a gap, and without another start of V8’s profiler', () => {
    const profiles = [1, 2, 3].map(() => {
      burn(20);
      return sampler.cut();
    });
    burn(20);
    profiles.push(sampler.stop());
    profiles.forEach((profile, index) => {
      // 20 ms of CPU give about 20 samples. One would be enough to tell.
      assert.ok(hitsIn(profile) > 0, `${index}`);
      const before = profiles[index - 1];
      if (before === undefined) return;
      assert.ok(profile.startTime > before.startTime && profile.startTime <= before.endTime);
    });
    assert.equal(starts, 1);
  });

  it('leaves alone the profiles that other code makes with the console', () => {
    const session = new Session();
    session.connect();
    const theirs: Profiler.ConsoleProfileFinishedEventDataType[] = [];
    session.post('Profiler.enable');
    session.on('Profiler.consoleProfileFinished', ({ params }) => theirs.push(params));
    sampler.cut();
    inspectorConsole.profile('mine');
    inspectorConsole.profileEnd('mine');
    burn(20);
    const ours = sampler.stop();
    assert.ok(hitsIn(ours) > 0);
    assert.equal(theirs[0]?.title, 'mine');
    // Ours went on for 20 ms.
    assert.ok(ours.endTime > theirs[0].profile.endTime + 10_000);
    session.disconnect();
  });

  it('goes on when other code ends its profile', () => {
    sampler.cut();
    burn(20);
    inspectorConsole.profileEnd();
    assert.ok(hitsIn(sampler.cut()) > 0);
    burn(20);
    assert.ok(hitsIn(sampler.stop()) > 0);
    assert.throws(() => sampler.stop(), /not running/);
  });
});
