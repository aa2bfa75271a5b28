import assert from 'node:assert/strict';
import { Parameters } from '../../src/http/Parameters';
import { refusal } from '../support/refusal';

describe('Parameters', () => {
  it('takes numbers in their bounds, bounds included', () => {
    const number = (query: string) => new Parameters(query).number('seconds', 0.1, 300);
    assert.equal(number(''), undefined);
    assert.equal(number('seconds=300'), 300);
    assert.equal(number('seconds=0.1'), 0.1);
    for (const text of [
      'abc',
      '',
      '0',
      '-1',
      '300.1',
      '1e2',
      ' 1',
      '0x10',
      'NaN',
      'Infinity',
      '1,5',
      '９',
    ])
      assert.deepEqual(
        refusal(() => number(`seconds=${encodeURIComponent(text)}`)),
        [400, `seconds must be a number from 0.1 to 300, got ${JSON.stringify(text)}`],
      );
  });

  it('repeats no more of a bad value than a person reads', () => {
    const [, text] = refusal(() => new Parameters(`s=${'9'.repeat(9_000)}`).number('s', 1, 2));
    assert.ok(text.length < 200, text);
  });

  it('does not choose between two values', () => {
    assert.deepEqual(
      refusal(() => new Parameters('seconds=1&seconds=2').number('seconds', 1, 9)),
      [400, 'seconds must be given once, not 2 times'],
    );
  });

  it('takes one of some numbers, and lists them', () => {
    const choice = (query: string) => new Parameters(query).choice('hz', [10, 100]);
    assert.equal(choice(''), undefined);
    assert.equal(choice('hz=100'), 100);
    for (const text of ['', '99', '100.0', '1e2'])
      assert.deepEqual(
        refusal(() => choice(`hz=${text}`)),
        [400, `hz must be one of 10, 100, got "${text}"`],
      );
  });

  it('takes flags', () => {
    const flag = (query: string) => new Parameters(query).flag('lines');
    assert.deepEqual([flag(''), flag('lines=0'), flag('lines=1')], [false, false, true]);
    assert.deepEqual(
      refusal(() => flag('lines=yes')),
      [400, 'lines must be 0 or 1, got "yes"'],
    );
  });

  it('refuses what is not supported, unless it is turned off', () => {
    const debug = (query: string) => new Parameters(query).unsupported('debug', 'because');
    debug('');
    debug('debug=0');
    assert.deepEqual(
      refusal(() => debug('debug=1')),
      [400, 'debug is not supported: because'],
    );
  });

  it('takes all else as labels: several values of one, several ones, any string', () => {
    const parameters = new Parameters(
      'rule=r1&seconds=1&rule=r2&tenant=%C3%A9+%22%0D%0A&=empty&__proto__=x&label.seconds=5&label.rule=r3&label.label.a=b',
    );
    parameters.number('seconds', 1, 2);
    assert.deepEqual(Object.entries(parameters.labels()), [
      ['rule', ['r1', 'r2', 'r3']],
      ['tenant', ['é "\r\n']],
      ['', ['empty']],
      ['__proto__', ['x']],
      ['seconds', ['5']],
      ['label.a', ['b']],
    ]);
    assert.deepEqual(parameters.labels(), {});
  });

  it('can insist on being at the end', () => {
    new Parameters('').end('because');
    assert.deepEqual(
      refusal(() => new Parameters('a=1').end('because')),
      [400, '"a" is no parameter here: because'],
    );
  });
});
