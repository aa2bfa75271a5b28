import { type Answer, textAnswer } from '../Answer';
import type { Endpoint, EndpointHelp } from './Endpoint';

/** The command line of the process, in Go's format: arguments separated by NUL. */
export class CmdlineEndpoint implements Endpoint {
  readonly name = 'cmdline';

  constructor(private readonly commandLine: readonly string[]) {}

  help(): EndpointHelp {
    return {
      summary: 'The command line of the process, its arguments separated by NUL.',
      parameters: [],
      commands: [],
    };
  }

  answer(): Promise<Answer> {
    return Promise.resolve(textAnswer(this.commandLine.join('\0')));
  }
}
