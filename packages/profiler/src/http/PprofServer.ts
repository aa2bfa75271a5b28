import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../collector/Clock';
import { toError } from '../base/errors';
import type { Logger } from '../base/logger';
import { type Answer, redirectAnswer, refusalAnswer } from './Answer';
import type { Gate } from './Gate';
import { Refusal } from './Refusal';
import { Visit } from './Visit';
import type { Endpoint } from './endpoints/Endpoint';
import { type Place, locate, slashAdded } from './locate';
import { send } from './send';

export interface PprofServerParts {
  readonly endpoints: readonly Endpoint[];
  readonly gate: Gate;
  readonly clock: Clock;
  readonly logger: Logger;
  /** As in `PprofHandlerOptions`. */
  readonly path: string;
  /** Called once, when the server is closed. */
  readonly release: () => void;
}

type Next = (error?: unknown) => void;

/** Takes requests to the endpoints, and their answers back. Nothing it does throws or rejects. */
export class PprofServer {
  private readonly endpoints: ReadonlyMap<string, Endpoint>;
  /** Requests under way, each with the promise that fulfils when it is answered. */
  private readonly visits = new Map<Visit, Promise<void>>();
  private closed = false;

  constructor(private readonly parts: PprofServerParts) {
    this.endpoints = new Map(parts.endpoints.map((endpoint) => [endpoint.name, endpoint]));
  }

  /** Answers `request`, or hands it on if it is for none of the endpoints and there is a `next`. */
  handle(request: IncomingMessage, response: ServerResponse, next?: Next): void {
    const { originalUrl } = request as { originalUrl?: string };
    const place = locate(request.url ?? '/', originalUrl, this.parts.path);
    const endpoint = place && this.endpoints.get(place.name);
    if (endpoint === undefined && next !== undefined) return next();
    const visit = new Visit(this.parts.clock);
    if (response.destroyed) visit.end('gone');
    response.once('close', () => visit.end('gone'));
    const serving = this.answer(request, visit, place, endpoint)
      .catch((thrown: unknown) => this.errorAnswer(thrown))
      .then((answer) => {
        if (answer !== undefined && visit.early !== 'gone')
          send(request, response, answer, this.closed);
      })
      .catch((thrown: unknown) => this.report(thrown))
      .finally(() => this.visits.delete(visit));
    this.visits.set(visit, serving);
  }

  /** Ends the recordings under way. Fulfils when all requests have their answer. */
  async close(): Promise<void> {
    if (!this.closed) this.parts.release();
    this.closed = true;
    const serving = [...this.visits.values()];
    for (const visit of [...this.visits.keys()]) visit.end('closing');
    await Promise.all(serving);
  }

  private async answer(
    request: IncomingMessage,
    visit: Visit,
    place: Place | undefined,
    endpoint: Endpoint | undefined,
  ): Promise<Answer | undefined> {
    const { gate, path } = this.parts;
    await gate.admit(request, visit);
    if (visit.early === 'gone') return undefined;
    if (this.closed) throw new Refusal(503, 'this server is shutting down');
    if (place === undefined) throw new Refusal(404, `nothing is here; profiles are below ${path}`);
    if (endpoint === undefined) throw new Refusal(404, `there is no such profile${this.listed()}`);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new Refusal(405, 'profiles are read with GET or HEAD', { Allow: 'GET, HEAD' });
    }
    const redirect = slashAdded(place);
    if (redirect !== undefined) return redirectAnswer(redirect);
    return endpoint.answer({
      query: place.query,
      visit,
      headOnly: request.method === 'HEAD',
      idleLimitMillis: request.socket.timeout ?? 0,
      indexPath: place.indexPath,
      origin: originOf(request),
    });
  }

  private listed(): string {
    const names = [...this.endpoints.values()].filter((each) => each.help() !== undefined);
    return `; there are ${names.map(({ name }) => name).join(', ')}`;
  }

  private errorAnswer(thrown: unknown): Answer {
    if (thrown instanceof Refusal) return refusalAnswer(thrown);
    this.report(thrown);
    const { message } = toError(thrown);
    return refusalAnswer(new Refusal(500, `this is a fault of the profile library: ${message}`));
  }

  private report(thrown: unknown): void {
    this.parts.logger.error('rulescope: the pprof handler failed', toError(thrown));
  }
}

function originOf({ socket, headers }: IncomingMessage): string {
  const scheme = 'encrypted' in socket && socket.encrypted === true ? 'https' : 'http';
  return `${scheme}://${headers.host ?? 'localhost'}`;
}
