import assert from 'node:assert/strict';
import { formatTop } from '../../src/report/formatTop';
import { top } from '../../src/report/top';
import { type ProfileSpec, profileOf } from '../support/profiles';

const SPEC: ProfileSpec = {
  program: '/usr/bin/node',
  comments: ['of a test', '#not shown'],
  header: { timeNanos: 1_700_000_000_000_000_000n, durationNanos: 10_000_000_000 },
  samples: [
    { stack: ['leaf', 'main'], values: [1_500_000_000], labels: { rule: 'r1' } },
    { stack: ['main'], values: [500_000_000] },
    { stack: ['rare', 'main'], values: [1_000_000] },
  ],
};
const TABLE = '      flat  flat%   sum%        cum   cum%\n';

describe('formatTop', () => {
  it('prints the text of go tool pprof -top', () => {
    assert.equal(
      formatTop(top(profileOf(SPEC))),
      'File: node\n' +
        'of a test\n' +
        'Type: cpu\n' +
        'Time: Nov 14, 2023 at 10:13pm (UTC)\n' +
        'Duration: 10s, Total samples = 2001ms (20.01%)\n' +
        'Showing nodes accounting for 2000ms, 100% of 2001ms total\n' +
        'Dropped 1 node (cum <= 10.01ms)\n' +
        TABLE +
        '    1500ms 74.96% 74.96%     1500ms 74.96%  leaf\n' +
        '     500ms 24.99%   100%     2001ms   100%  main\n',
    );
  });

  it('shows at most nodeCount functions, in the given unit', () => {
    const text = formatTop(top(profileOf(SPEC)), { nodeCount: 1, nodeFraction: 0, unit: 's' });
    assert.match(text, /^Showing nodes accounting for 1.50s, 74.96% of 2s total$/m);
    assert.match(text, /^Showing top 1 nodes out of 3$/m);
    assert.equal(text.split(TABLE)[1], '     1.50s 74.96% 74.96%      1.50s 74.96%  leaf\n');
  });

  it('takes the unit of the smallest value, unless the total is over 100 times as large', () => {
    const flats = (...values: number[]): string[] =>
      formatTop(
        top(
          profileOf({
            samples: values.map((value) => ({ stack: [`f${value}`], values: [value] })),
          }),
        ),
      )
        .split(TABLE)[1]!
        .split('\n')
        .map((line) => line.slice(0, 10).trim());
    assert.deepEqual(flats(500_000, 10_000_000), ['10000us', '500us', '']);
    assert.deepEqual(flats(500_000, 60_000_000), ['60ms', '0.50ms', '']);
  });

  it('names the labels that were selected', () => {
    const text = formatTop(top(profileOf(SPEC), { labels: { rule: ['r1', 'r2'] } }));
    assert.match(text, /\nActive filters:\n {3}tagfocus=rule=r1,r2\nShowing nodes/);
  });

  it('prints the time in the given time zone, and refuses an unknown one', () => {
    const text = formatTop(top(profileOf(SPEC)), { timeZone: 'America/New_York' });
    assert.match(text, /^Time: Nov 14, 2023 at 5:13pm \(EST\)$/m);
    assert.throws(() => formatTop(top(profileOf(SPEC)), { timeZone: 'Nowhere' }), RangeError);
  });

  it('prints a header and no rows for a profile without samples', () => {
    const text = formatTop(top(profileOf({ samples: [] })));
    assert.equal(text, `Type: cpu\nShowing nodes accounting for 0, 0% of 0 total\n${TABLE}`);
  });

  it('refuses an unknown option', () => {
    assert.throws(
      () => formatTop(top(profileOf(SPEC)), { count: 3 } as object),
      /formatTop\.count/,
    );
  });
});
