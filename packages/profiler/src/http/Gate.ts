import type { IncomingMessage } from 'node:http';
import { toError } from '../base/errors';
import type { Logger } from '../base/logger';
import { Refusal } from './Refusal';
import type { Visit } from './Visit';
import { whyNotLocal } from './whyNotLocal';

/** Says whether a request may see profiles. Only `true` lets it in. */
export type Authorize = (request: IncomingMessage) => boolean | Promise<boolean>;

/** Lets in whom the user's `authorize` lets in; without one, who is on this machine. */
export class Gate {
  constructor(
    private readonly authorize: Authorize | undefined,
    private readonly logger: Logger,
  ) {}

  /**
   * Fulfils when the request may go on, or has ended early.
   * @throws Refusal 403; 500 when `authorize` failed.
   */
  async admit(request: IncomingMessage, visit: Visit): Promise<void> {
    if (this.authorize === undefined) {
      const { headers, socket } = request;
      const why = whyNotLocal({ remoteAddress: socket.remoteAddress, headers });
      if (why !== undefined) throw new Refusal(403, closedTo(why));
      return;
    }
    const admitted = await visit.orEarlyEnd(this.ask(this.authorize, request));
    if (admitted !== true && visit.early === undefined) {
      throw new Refusal(403, 'The authorize function of this application does not let you in.');
    }
  }

  private async ask(authorize: Authorize, request: IncomingMessage): Promise<boolean> {
    try {
      return await authorize(request);
    } catch (thrown) {
      this.logger.error('rulescope: authorize of the pprof handler failed', toError(thrown));
      throw new Refusal(
        500,
        'The authorize function of this application failed; its log says why.',
      );
    }
  }
}

function closedTo(why: string): string {
  return (
    'Profiles are served to this machine alone unless the application says otherwise, ' +
    `and this request is not one of this machine: ${why}.\n` +
    'To let it in, pass a function that tells who may see them: ' +
    'createPprofHandler({ authorize: (request) => true or false }).'
  );
}
