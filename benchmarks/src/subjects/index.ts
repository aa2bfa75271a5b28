import { DatadogSubject } from './DatadogSubject';
import { PyroscopeSubject } from './PyroscopeSubject';
import { RulescopeSubject } from './RulescopeSubject';
import type { Subject } from './Subject';

export type { StackSample, Subject } from './Subject';

const SUBJECTS = {
  rulescope: () => new RulescopeSubject(),
  pyroscope: () => new PyroscopeSubject(),
  'dd-trace': () => new DatadogSubject(),
};

export type SubjectName = keyof typeof SUBJECTS;

export const SUBJECT_NAMES = Object.keys(SUBJECTS) as SubjectName[];

/** Creates a profiler. @throws RangeError unless `name` is one of {@link SUBJECT_NAMES}. */
export function createSubject(name: string): Subject {
  const create = SUBJECTS[name as SubjectName];
  if (create === undefined) {
    throw new RangeError(`subject must be one of ${SUBJECT_NAMES.join(', ')}; got ${name}`);
  }
  return create();
}
