import assert from 'node:assert/strict';
import { allAtOnce } from '../../src/base/steps';
import type { InspectorNode, InspectorProfile } from '../../src/lines/LineSampler';
import type { LineRecording } from '../../src/lines/LineProfiler';
import { LineSum } from '../../src/lines/LineSum';
import { lineCallTree } from '../../src/lines/lineCallTree';
import { origin } from '../support/builders';
import { comments } from '../support/pprof';
import { hitsByLine, sampleTypes, textOf, valuesByLabels } from '../support/profileReader';

function inspectorNode(
  id: number,
  functionName: string,
  rest: Partial<InspectorNode> = {},
): InspectorNode {
  const url = functionName.startsWith('(') ? '' : 'file:///app.js';
  const lineNumber = url === '' ? -1 : id * 10 - 1;
  const callFrame = { functionName, url, scriptId: '7', lineNumber, columnNumber: lineNumber };
  return { id, callFrame, ...rest };
}

/** `outer` (line 20) calls `inner` (line 30); 10 samples in 10 ms. */
const PROFILE: InspectorProfile = {
  startTime: 5_000,
  endTime: 15_000,
  nodes: [
    inspectorNode(1, '(root)', { children: [2, 4, 5] }),
    inspectorNode(2, 'outer', {
      hitCount: 1,
      children: [3],
      positionTicks: [{ line: 22, ticks: 1 }],
    }),
    inspectorNode(3, 'inner', {
      hitCount: 5,
      // As in Node.js 26: a line occurs several times. One sample has no line.
      positionTicks: [
        { line: 31, ticks: 1 },
        { line: 31, ticks: 2 },
        { line: 33, ticks: 1 },
      ],
    }),
    inspectorNode(4, '(idle)', { hitCount: 3 }),
    inspectorNode(5, '(garbage collector)', { hitCount: 1 }),
  ],
};

const RECORDING = { profile: PROFILE, startMillis: 1_700_000_000_000, intervalMicros: 1_000 };

/** Returns the recording of the same samples `micros` later. */
function later(micros: number): LineRecording {
  const { startTime, endTime } = PROFILE;
  const profile = { ...PROFILE, startTime: startTime + micros, endTime: endTime + micros };
  return { ...RECORDING, profile, startMillis: RECORDING.startMillis + micros / 1000 };
}

function profileOf(...recordings: LineRecording[]) {
  const sum = new LineSum(origin);
  for (const recording of recordings) sum.add(recording);
  return allAtOnce(sum.buildInSteps(1_009, []));
}

describe('LineSum', () => {
  it('has each function once, with a location for each of its lines that was running', () => {
    const profile = profileOf(RECORDING);
    const text = textOf(profile);
    const names = profile.function.map(({ name }) => text(name)).sort();
    assert.deepEqual(names, ['(garbage collector)', 'inner', 'outer']);
    assert.deepEqual([...hitsByLine(profile, 'inner')].sort(), [
      [30, 1],
      [31, 3],
      [33, 1],
    ]);
    assert.deepEqual([...hitsByLine(profile, 'outer')], [[22, 1]]);
  });

  it('shows callers at the line where they begin', () => {
    const profile = profileOf(RECORDING);
    const stacks = profile.sample.map(({ locationId }) =>
      locationId.map((id) => Number(profile.location[Number(id) - 1]?.line[0]?.line)),
    );
    assert.ok(stacks.some(([line, caller]) => line === 31 && caller === 20));
  });

  it('counts samples and their time without those of an idle thread', () => {
    const profile = profileOf(RECORDING);
    assert.deepEqual(sampleTypes(profile), ['samples/count', 'wall/nanoseconds']);
    assert.equal(textOf(profile)(profile.defaultSampleType), 'wall');
    assert.deepEqual([...valuesByLabels(profile)], [['', [7, 7_000_000]]]);
    assert.equal(profile.durationNanos, 10_000_000);
    assert.equal(profile.timeNanos, 1_700_000_000_000_000_000n);
  });

  it('weights each sample by the interval of its own recording', () => {
    const coarse: InspectorProfile = { ...PROFILE, startTime: 15_000, endTime: 115_000 };
    const profile = profileOf(RECORDING, { ...RECORDING, profile: coarse, intervalMicros: 10_000 });
    assert.deepEqual([...valuesByLabels(profile)], [['', [14, 77_000_000]]]);
  });

  it('sums recordings as if they were one, and counts time that two of them share once', () => {
    const profile = profileOf(RECORDING, later(10_000), later(19_000));
    assert.deepEqual([...hitsByLine(profile, 'inner')].sort(), [
      [30, 3],
      [31, 9],
      [33, 3],
    ]);
    // 7 of 10 samples each, in 10, 10 and 9 ms.
    assert.deepEqual([...valuesByLabels(profile)], [['', [21, 20_300_000]]]);
    assert.equal(profile.durationNanos, 29_000_000);
    assert.equal(profile.timeNanos, 1_700_000_000_000_000_000n);
    assert.equal(comments(profile).at(-1), '30 samples');
  });

  it('keeps nothing of a recording whose stacks it has seen', () => {
    const [one, many] = [
      profileOf(RECORDING),
      profileOf(...Array<LineRecording>(50).fill(RECORDING)),
    ];
    for (const key of ['sample', 'location', 'function'] as const) {
      assert.equal(many[key].length, one[key].length, key);
    }
  });

  it('counts the single sample of a long wait as the many samples that it replaces', () => {
    const profile = {
      ...PROFILE,
      endTime: 105_000,
      samples: [2, 3, 3, 4, 3, 3, 4, 3, 4, 5],
      timeDeltas: [1_000, 1_000, 1_000, 40_000, 1_000, 1_000, 31_000, 1_000, 22_000, 1_000],
    };
    // 7 of 100 samples.
    const samples = valuesByLabels(profileOf({ ...RECORDING, profile }));
    assert.deepEqual([...samples], [['', [7, 7_000_000]]]);
  });

  it('states what it is, even without samples', () => {
    const profile = profileOf();
    assert.deepEqual(comments(profile), ['a test', 'by line, without labels', '0 samples']);
    assert.equal(textOf(profile)(profile.mapping[0]!.filename), 'program');
    assert.equal(textOf(profile)(profile.periodType!.type), 'wall');
  });
});

describe('lineCallTree', () => {
  it('has a node for each line beside the node with the callees', () => {
    const [outer, running, ...rest] = lineCallTree(PROFILE).children.filter(
      ({ name }) => name === 'outer',
    );
    assert.deepEqual(rest, []);
    assert.deepEqual([outer?.lineNumber, outer?.hitCount], [20, 0]);
    assert.deepEqual([running?.lineNumber, running?.hitCount], [22, 1]);
    const inner = outer?.children.map(({ lineNumber, hitCount }) => [lineNumber, hitCount]);
    assert.deepEqual(inner?.sort(), [
      [30, 1],
      [31, 3],
      [33, 1],
    ]);
  });

  it('is a root without children if there are no samples', () => {
    assert.deepEqual(lineCallTree({ nodes: [], startTime: 0, endTime: 0 }).children, []);
  });
});
