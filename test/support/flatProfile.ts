import { strict as assert } from 'node:assert';
import type { Decoded } from './protoc';

/** A sample of either format: its stack, leaf first, its CPU and its labels, sorted. */
type FlatSample = [stack: string[], cpuNanos: number, labels: [string, string][]];

/** A profile without tables, so that profiles of different formats can be compared. */
export interface FlatProfile {
  readonly startNanos: string;
  readonly durationNanos: number;
  readonly period: number;
  readonly samples: FlatSample[];
}

/** Returns the profile in a decoded request. The link of a sample becomes labels again. */
export function flatten(request: Decoded): FlatProfile {
  const dictionary = request.message('dictionary');
  const strings = dictionary.texts('string_table');
  const text = (index: number): string => strings[index]!;
  const table = (name: string): Decoded[] => dictionary.messages(name);
  const [mappings, locations] = [table('mapping_table'), table('location_table')];
  const [functions, links] = [table('function_table'), table('link_table')];
  const [attributes, stacks] = [table('attribute_table'), table('stack_table')];
  const frame = (index: number): string => {
    const location = locations[index]!;
    const line = location.message('lines');
    const called = functions[line.integer('function_index')]!;
    const names = ['name_strindex', 'system_name_strindex', 'filename_strindex'];
    return [
      ...names.map((name) => text(called.integer(name))),
      called.integer('start_line'),
      line.integer('line'),
      line.integer('column'),
      text(mappings[location.integer('mapping_index')]!.integer('filename_strindex')),
    ].join('|');
  };
  const labelsOf = (sample: Decoded): [string, string][] => {
    const labels = sample.integers('attribute_indices').map((index): [string, string] => {
      const attribute = attributes[index]!;
      const [value] = attribute.message('value').texts('string_value');
      return [text(attribute.integer('key_strindex')), value!];
    });
    const link = sample.integer('link_index');
    if (link !== 0) {
      for (const key of ['trace_id', 'span_id']) {
        labels.push([key, links[link]!.bytes(key)[0]!.toString('hex')]);
      }
    }
    return labels.sort(([a], [b]) => (a < b ? -1 : 1));
  };
  const profile = request.message('resource_profiles', 'scope_profiles', 'profiles');
  return {
    startNanos: profile.texts('time_unix_nano')[0]!,
    durationNanos: profile.integer('duration_nano'),
    period: profile.integer('period'),
    samples: profile.messages('samples').map((sample) => {
      const stack = stacks[sample.integer('stack_index')]!;
      const [cpuNanos, ...more] = sample.integers('values');
      assert.deepEqual(more, []);
      return [stack.integers('location_indices').map(frame), cpuNanos!, labelsOf(sample)];
    }),
  };
}
