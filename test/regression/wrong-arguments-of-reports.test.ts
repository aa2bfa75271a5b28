import { strict as assert } from 'node:assert';
import {
  type ProfileWindow,
  attributeCpu,
  mergeWindows,
  withCarriedLabels,
} from '@rulescope/profiler';
import {
  type Profile,
  ProfileSum,
  filterByLabels,
  mergeProfiles,
  toPprof,
} from '@rulescope/profiler/pprof';
import {
  diff,
  fold,
  formatTop,
  mapSources,
  sourceMapLookup,
  top,
  topByLabel,
} from '@rulescope/profiler/report';
import { profileOf } from '../support/randomProfiles';

const PROFILE = profileOf({
  types: [['cpu', 'nanoseconds']],
  samples: [{ stack: [[{ name: 'f', file: '/f.js', line: 1 }]], values: [1], labels: {} }],
  timeNanos: 1,
  durationNanos: 1,
  program: '',
});
const TOP = top(PROFILE);

/** A wrong value, as JavaScript can pass it. */
const wrong = (value: unknown): never => value as never;
const WINDOW: ProfileWindow = wrong({
  origin: { threadId: 0 },
  cpu: { processSeconds: 0, threadSeconds: 0, otherThreadsSeconds: 0 },
  samples: { taken: 0, lost: 0 },
});
const NO_PROFILES = [undefined, null, 'cpu.pb', Buffer.from('x'), {}, Promise.resolve(PROFILE)];

/** Calls with a wrong argument, by the beginning of the message that they must throw. */
const CALLS: readonly (readonly [message: string, call: () => unknown])[] = [
  ...NO_PROFILES.flatMap((value) => {
    const profile = wrong(value);
    return [
      ['profile must be a profile', () => filterByLabels(profile, {})],
      ['profile must be a profile', () => top(profile)],
      ['profile must be a profile', () => topByLabel(profile, 'rule')],
      ['profile must be a profile', () => fold(profile)],
      ['profile must be a profile', () => mapSources(profile, sourceMapLookup())],
      ['base must be a profile', () => diff(profile, PROFILE)],
      ['other must be a profile', () => diff(PROFILE, profile)],
      ['profiles[1] must be a profile', () => mergeProfiles([PROFILE, profile])],
      ['window must be a window', () => toPprof(profile)],
      ['window must be a window', () => new ProfileSum().add(profile)],
      ['window must be a window', () => attributeCpu(profile, 'rule')],
      ['windows[0] must be a window', () => mergeWindows([profile])],
    ] as const;
  }),
  ['profiles must be an array of profiles; got an object', () => mergeProfiles(wrong(PROFILE))],
  ['profiles must be an array of profiles; got undefined', () => mergeProfiles(wrong(undefined))],
  ['profiles must be at least one profile', () => mergeProfiles([])],
  ['labels must be ', () => filterByLabels(PROFILE, wrong(undefined))],
  ['labels must be ', () => filterByLabels(PROFILE, wrong('rule'))],
  ['labels.rule must be ', () => filterByLabels(PROFILE, wrong({ rule: undefined }))],
  ['labels.rule must be ', () => top(PROFILE, { labels: wrong({ rule: [null] }) })],
  ['top must be a plain object; got null', () => top(PROFILE, wrong(null))],
  ['top.sampletype must be omitted', () => top(PROFILE, wrong({ sampletype: 'cpu' }))],
  ['sampleType must be one of "cpu"; got "wall"', () => top(PROFILE, { sampleType: 'wall' })],
  ['sampleType must be one of "cpu"; got 0', () => top(PROFILE, { sampleType: wrong(0) })],
  ['granularity must be one of ', () => top(PROFILE, { granularity: wrong('files') })],
  ['key must be a non-empty string; got undefined', () => topByLabel(PROFILE, wrong(undefined))],
  ['topByLabel.labels must be omitted', () => topByLabel(PROFILE, 'rule', wrong({ labels: {} }))],
  ['rootLabel must be a non-empty string; got 5', () => fold(PROFILE, { rootLabel: wrong(5) })],
  ['lookup must be a function; got undefined', () => mapSources(PROFILE, wrong(undefined))],
  ['the result of lookup must be ', () => mapSources(PROFILE, () => wrong('/f.ts:1'))],
  ['the result of lookup must be ', () => mapSources(PROFILE, () => wrong({ file: '/f.ts' }))],
  ['maxCacheBytes must be ', () => sourceMapLookup({ maxCacheBytes: -1 })],
  ['top must be a result of ', () => formatTop(wrong(undefined))],
  ['top must be a result of ', () => formatTop(wrong(PROFILE))],
  ['top must be a result of ', () => formatTop(wrong(topByLabel(PROFILE, 'rule')))],
  ['formatTop must be a plain object; got 5', () => formatTop(TOP, wrong(5))],
  ['nodeCount must be an integer from 0', () => formatTop(TOP, { nodeCount: -1 })],
  ['nodeFraction must be a number from 0 to 1', () => formatTop(TOP, { nodeFraction: 5 })],
  ['nodeFraction must be a number from 0 to 1', () => formatTop(TOP, { nodeFraction: wrong('x') })],
  ['nodeFraction must be a number from 0 to 1', () => formatTop(TOP, { nodeFraction: wrong('0') })],
  ['nodeFraction must be a number from 0 to 1', () => formatTop(TOP, { nodeFraction: NaN })],
  ['key must be a non-empty string; got undefined', () => attributeCpu(WINDOW, wrong(undefined))],
  ['windows must be an array of windows; got undefined', () => mergeWindows(wrong(undefined))],
  ['windows must be an array of windows; got an object', () => mergeWindows(wrong(WINDOW))],
  ['windows[1] must be a window', () => mergeWindows([WINDOW, wrong({})])],
  [
    'file must be a string; got undefined',
    () => Reflect.apply(sourceMapLookup(), null, []) as unknown,
  ],
  ['line must be an integer from 0', () => sourceMapLookup()('/f.js', wrong('1'), undefined)],
  ['column must be an integer from 0', () => sourceMapLookup()('/f.js', 1, -1)],
  ['handler must be a function; got undefined', () => withCarriedLabels(wrong(undefined))],
  ['unit must be a non-empty string; got 5', () => formatTop(TOP, { unit: wrong(5) })],
];

describe('wrong arguments of the functions of the profiler, /pprof and /report', () => {
  CALLS.forEach(([message, call], index) => {
    it(`throw an error that names the argument: ${message} (${index})`, () => {
      assert.throws(call, (error: Error) => {
        assert.equal(error.name, 'InvalidOptionError');
        assert.ok(error.message.startsWith(message), error.message);
        return true;
      });
    });
  });

  it('do not include a profile of another library with the same shape', () => {
    const plain: Profile = {
      ...PROFILE,
      encode: () => PROFILE.encode(),
      encodeAsync: () => PROFILE.encodeAsync(),
    };
    assert.equal(top(plain).total, 1n);
  });
});
