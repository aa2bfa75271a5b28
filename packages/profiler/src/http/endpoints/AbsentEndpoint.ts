import type { Answer } from '../Answer';
import { Refusal } from '../Refusal';
import type { Endpoint } from './Endpoint';

/** Something that Go has and that is left out here: says why. */
class AbsentEndpoint implements Endpoint {
  constructor(
    readonly name: string,
    private readonly why: string,
  ) {}

  help(): undefined {
    return undefined;
  }

  answer(): Promise<Answer> {
    return Promise.reject(new Refusal(404, this.why));
  }
}

export const TRACE = new AbsentEndpoint(
  'trace',
  'There is no trace here, by decision: Node.js records execution traces itself ' +
    '(node --trace-events-enabled, module node:trace_events), in a format that go tool trace does not read.',
);

export const SYMBOL = new AbsentEndpoint(
  'symbol',
  'There is nothing to look up: the profiles carry the names of their functions.',
);
