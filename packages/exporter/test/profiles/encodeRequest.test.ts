import assert from 'node:assert/strict';
import type { CallNode, LabelSet, ProfileWindow } from '@rulescope/profiler';
import { toPprof } from '@rulescope/profiler/pprof';
import { encodeRequest } from '../../src/profiles/encodeRequest';
import { Message } from '../support/Message';
import { windowOf } from '../support/windowOf';

const PROFILE_ID = new Uint8Array(16).fill(5);
const PARTS = {
  profileId: PROFILE_ID,
  resource: {
    'service.name': 'shop',
    replicas: 3,
    empty: '',
    none: 0,
    ratio: 0.5,
    off: false,
    zones: ['a', 'b'],
  },
  traceIdLabel: 'trace_id',
  spanIdLabel: 'span_id',
};
const SPAN = { trace_id: 'AB'.repeat(16), span_id: 'cd'.repeat(8) };

const [MAPPINGS, LOCATIONS, FUNCTIONS, LINKS, STRINGS, ATTRIBUTES, STACKS] = [1, 2, 3, 4, 5, 6, 7];
const TABLES = [MAPPINGS, LOCATIONS, FUNCTIONS, LINKS, ATTRIBUTES, STACKS] as number[];

function encodeInSteps(window: ProfileWindow): ReturnType<typeof encodeRequest> {
  return encodeRequest(toPprof(window), { ...PARTS, complete: window.complete });
}

function encode(window: ProfileWindow): Message {
  const steps = encodeInSteps(window);
  for (;;) {
    const step = steps.next();
    if (step.done) return new Message(step.value!);
  }
}

/** Returns a window with one hit for each label set, all in the same function. */
function labeled(...sets: LabelSet[]): ProfileWindow {
  const window = windowOf({ rules: Object.fromEntries(sets.map((_, i) => [`r${i}`, 1])) });
  const children: CallNode[] = window.root!.children.map((child, i) => {
    const labels = sets[i];
    if (labels === undefined) return child;
    return {
      ...child,
      contexts: child.contexts!.map((each) => ({ ...each, context: { labels } })),
    };
  });
  return { ...window, root: { ...window.root!, children } };
}

const profileOf = (request: Message): Message => request.message(1, 2, 2);
const text = (request: Message, index: number): string | undefined =>
  request.message(2).strings(STRINGS)[index];

/** Returns the attributes of a sample or of the profile. */
function attributes(request: Message, owner: Message, field: number): Record<string, string> {
  const table = request.message(2).messages(ATTRIBUTES);
  return Object.fromEntries(
    owner.integers(field).map((index) => {
      const attribute = table[index]!;
      return [text(request, attribute.integer(1)), attribute.message(2).strings(1)[0]!];
    }),
  ) as Record<string, string>;
}

describe('encodeRequest', () => {
  const request = encode(windowOf({ rules: { a: 3, b: 2 }, otherThreadsSeconds: 0.5 }));

  it('begins each table with its zero value', () => {
    const dictionary = request.message(2);
    assert.equal(dictionary.strings(STRINGS)[0], '');
    for (const table of TABLES.filter((each) => each !== LINKS)) {
      assert.deepEqual(dictionary.messages(table)[0]!.numbers, [], `table ${table}`);
    }
    // Ids of full length, for readers that insist on it.
    const [link] = dictionary.messages(LINKS);
    assert.deepEqual(link!.buffers(1), [Buffer.alloc(16)]);
    assert.deepEqual(link!.buffers(2), [Buffer.alloc(8)]);
  });

  it('has no item twice, and no item that nothing refers to', () => {
    const dictionary = request.message(2);
    for (const table of [...TABLES, STRINGS]) {
      const items = dictionary.buffers(table).map((item) => item.toString('hex'));
      assert.equal(new Set(items).size, items.length, `table ${table}`);
    }
    assert.deepEqual(dictionary.strings(STRINGS).sort(), [
      '',
      '(other threads)',
      '/app.js',
      'cpu',
      'nanoseconds',
      'program',
      'rule',
      'work',
    ]);
  });

  it('has one sample type and the same period type, so that Pyroscope shows CPU', () => {
    const profile = profileOf(request);
    for (const field of [1, 5]) {
      const type = profile.message(field);
      assert.equal(text(request, type.integer(1)), 'cpu');
      assert.equal(text(request, type.integer(2)), 'nanoseconds');
    }
    assert.equal(profile.integer(6), 10_101_000);
  });

  it('has the time, the length and the id of the window', () => {
    const profile = profileOf(request);
    assert.equal(profile.integer(3), 1_700_000_000_000 * 1e6);
    assert.equal(profile.integer(4), 1e9);
    assert.deepEqual(profile.buffers(7), [Buffer.from(PROFILE_ID)]);
    assert.deepEqual(profile.integers(11), []);
  });

  it('has the CPU of toPprof', () => {
    const sum = profileOf(request)
      .messages(2)
      .flatMap((sample) => sample.integers(4))
      .reduce((total, value) => total + value, 0);
    assert.equal(sum, 0.05 * 1e9 + 0.5 * 1e9);
  });

  it('leaves out samples without CPU', () => {
    const window = windowOf({ rules: { a: 3 }, threadSeconds: 0, otherThreadsSeconds: 0.5 });
    const [sample, ...others] = profileOf(encode(window)).messages(2);
    assert.deepEqual(sample!.integers(4), [0.5e9]);
    assert.deepEqual(others, []);
    assert.ok(toPprof(window).sample.length > 1);
  });

  it('returns nothing for a window without CPU', () => {
    const steps = encodeInSteps(windowOf({ threadSeconds: 0 }));
    let step = steps.next();
    while (!step.done) step = steps.next();
    assert.equal(step.value, undefined);
  });

  it('makes labels string attributes, also the thread of a worker', () => {
    const encoded = encode(windowOf({ rules: { a: 1 }, threadId: 4 }));
    const [sample] = profileOf(encoded).messages(2);
    assert.deepEqual(attributes(encoded, sample!, 2), { rule: 'a', thread: 'worker-4' });
  });

  it('makes the ids of a span a link', () => {
    const encoded = encode(labeled({ rule: 'a', ...SPAN }, { rule: 'a' }));
    const [linked, plain] = profileOf(encoded).messages(2);
    assert.deepEqual(attributes(encoded, linked!, 2), { rule: 'a' });
    const link = encoded.message(2).messages(LINKS)[linked!.integer(3)]!;
    assert.deepEqual(link.buffers(1), [Buffer.from(SPAN.trace_id, 'hex')]);
    assert.deepEqual(link.buffers(2), [Buffer.from(SPAN.span_id, 'hex')]);
    assert.equal(plain!.integer(3), 0);
    assert.equal(plain!.integer(1), linked!.integer(1), 'both have one stack');
  });

  it('leaves ids that are not valid as attributes', () => {
    const wrong: LabelSet[] = [
      { trace_id: SPAN.trace_id },
      { trace_id: SPAN.trace_id, span_id: 'cd' },
      { trace_id: '0'.repeat(32), span_id: SPAN.span_id },
      { trace_id: 'x'.repeat(32), span_id: SPAN.span_id },
    ];
    for (const labels of wrong) {
      const encoded = encode(labeled(labels));
      const [sample] = profileOf(encoded).messages(2);
      assert.equal(sample!.integer(3), 0);
      assert.deepEqual(attributes(encoded, sample!, 2), labels);
    }
  });

  it('marks the profile of an incomplete window', () => {
    const encoded = encode(windowOf({ rules: { a: 1 }, complete: false }));
    assert.deepEqual(attributes(encoded, profileOf(encoded), 11), {
      'rulescope.window.outcome': 'incomplete',
    });
  });

  it('has the resource and the scope', () => {
    const values = request.message(1, 1).messages(1);
    const byKey = new Map(values.map((each) => [each.strings(1)[0], each.message(2)]));
    assert.deepEqual([...byKey.keys()], Object.keys(PARTS.resource));
    assert.deepEqual(byKey.get('service.name')!.strings(1), ['shop']);
    assert.deepEqual(byKey.get('empty')!.strings(1), ['']);
    assert.equal(byKey.get('replicas')!.integer(3), 3);
    assert.deepEqual(byKey.get('none')!.numbers, [3]);
    assert.deepEqual(byKey.get('off')!.numbers, [2]);
    assert.deepEqual(byKey.get('ratio')!.numbers, [4]);
    const zones = byKey.get('zones')!.message(5).messages(1);
    assert.deepEqual(
      zones.flatMap((each) => each.strings(1)),
      ['a', 'b'],
    );
    assert.deepEqual(request.message(1, 2, 1).strings(1), ['@rulescope/exporter']);
  });

  it('takes many short steps for many samples', () => {
    const rules = new Map(Array.from({ length: 3_000 }, (_, i) => [`r${i}`, 1]));
    const steps = encodeInSteps(windowOf({ rules }));
    let count = 1;
    while (!steps.next().done) count++;
    assert.ok(count > 4, `${count} steps`);
  });
});
