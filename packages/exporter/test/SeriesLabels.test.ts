import assert from 'node:assert/strict';
import { SeriesLabels } from '../src/SeriesLabels';

/** Returns the attributes of the series of `labels`, `undefined` if they have none. */
function attributesFor(series: SeriesLabels, labels: Record<string, string>): unknown {
  const id = typeof series.by === 'string' ? labels[series.by] : series.by(labels);
  return id === undefined ? 'unlabeled' : series.attributesOf(id);
}

describe('SeriesLabels', () => {
  it('has the rule as the id of a series by default', () => {
    const series = new SeriesLabels();
    assert.equal(series.by, 'rule');
    assert.deepEqual(series.attributesOf('["a"]'), { 'rulescope.rule.id': '["a"]' });
  });

  it('has an attribute for each key that a sample has', () => {
    const series = new SeriesLabels(['rule', 'tenant']);
    assert.deepEqual(attributesFor(series, { rule: 'r', tenant: 't', more: 'm' }), {
      'rulescope.rule.id': 'r',
      tenant: 't',
    });
    assert.deepEqual(attributesFor(series, { rule: 'r' }), { 'rulescope.rule.id': 'r' });
    assert.equal(attributesFor(series, { more: 'm' }), 'unlabeled');
  });

  it('keeps combinations apart, whatever their values', () => {
    const series = new SeriesLabels(['rule', 'tenant']);
    const ids = [
      { rule: 'a', tenant: 'b' },
      { rule: 'ab' },
      { rule: '","' },
      { tenant: '","' },
      { rule: 'null' },
      { tenant: 'null' },
      { rule: 'toString' },
    ].map((labels) => (series.by as (labels: object) => string)(labels));
    assert.equal(new Set(ids).size, ids.length);
    const inherits = Object.create({ rule: 'r' }) as object;
    assert.equal((series.by as (labels: object) => unknown)(inherits), undefined);
  });

  it('maps each value by its key, and leaves out what the function refuses', () => {
    const series = new SeriesLabels(['rule', 'tenant'], (value, key) =>
      key === 'rule' ? value.replace(/\d+/, 'N') : value === 'secret' ? undefined : value,
    );
    assert.deepEqual(attributesFor(series, { rule: 'r17', tenant: 'secret' }), {
      'rulescope.rule.id': 'rN',
    });
    assert.deepEqual(attributesFor(series, { tenant: 'secret' }), undefined);
    assert.deepEqual(attributesFor(series, { tenant: 't' }), { tenant: 't' });
  });

  it("takes '' for an absent label, of a sample and of the function", () => {
    const [rule, tenant] = ['r', ''];
    const both = new SeriesLabels(['rule', 'tenant']);
    const idOf = both.by as (labels: object) => string;
    assert.equal(idOf({ rule, tenant }), idOf({ rule }));
    assert.deepEqual(attributesFor(both, { rule, tenant }), { 'rulescope.rule.id': 'r' });
    assert.equal(attributesFor(both, { rule: '', tenant }), undefined);
    const hidden = new SeriesLabels(['rule', 'tenant'], (value) => (value === 'r' ? '' : value));
    assert.deepEqual(attributesFor(hidden, { rule, tenant: 't' }), { tenant: 't' });
    assert.equal(attributesFor(hidden, { rule }), undefined);
    assert.equal(attributesFor(new SeriesLabels(), { rule: '' }), undefined);
    const filled = new SeriesLabels(['rule', 'tenant'], () => 'x');
    assert.deepEqual(attributesFor(filled, { rule, tenant }), { 'rulescope.rule.id': 'x' });
  });

  it('calls the function once for a label set, and bounds what it returns', () => {
    let calls = 0;
    const series = new SeriesLabels(['rule'], () => `${++calls}`.repeat(1_000));
    const labels = { rule: 'a' };
    const [first, second] = [attributesFor(series, labels), attributesFor(series, labels)];
    assert.deepEqual(first, second);
    assert.equal(calls, 1);
    assert.equal((first as Record<string, string>)['rulescope.rule.id']?.length, 256);
  });

  it('leaves out a label, with a warning, if the function throws or returns no string', () => {
    const warnings: string[] = [];
    const warn = (...[message, code]: readonly unknown[]) => warnings.push(`${code}: ${message}`);
    const results = [
      () => {
        throw new Error('expected');
      },
      () => 5,
      () => null,
    ];
    for (const map of results) {
      const series = new SeriesLabels(['rule'], map as never, warn);
      assert.equal(attributesFor(series, { rule: 'a' }), undefined);
    }
    assert.equal(warnings.length, 3);
    for (const warning of warnings)
      assert.match(warning, /^RULESCOPE_MAP_LABEL: rulescope: mapLabel/);
  });
});
