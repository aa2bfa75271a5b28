import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sparedSamplesIn } from '../../src/model/sparedSamplesIn';
import { sparedSamples, timelineOf, waitsOf } from '../../src/model/timeline';
import { consecutiveWindows } from '../support/randomWindows';

describe('sparedSamplesIn', () => {
  it('counts what the timeline shows', () => {
    fc.assert(
      fc.property(consecutiveWindows(), (windows) => {
        for (const { root, startTime, samplingIntervalMicros } of windows) {
          if (root === undefined) continue;
          const expected = sparedSamples(
            waitsOf(timelineOf(root), startTime),
            samplingIntervalMicros,
          );
          assert.equal(sparedSamplesIn(root, startTime, samplingIntervalMicros), expected);
        }
      }),
    );
  });
});
