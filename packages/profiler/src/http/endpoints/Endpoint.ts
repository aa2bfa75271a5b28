import type { Answer } from '../Answer';
import type { Visit } from '../Visit';

/** A request for an endpoint, let in already. */
export interface EndpointRequest {
  /** Without the `?`. */
  readonly query: string;
  readonly visit: Visit;
  /** Only the headers are wanted: nothing is recorded. */
  readonly headOnly: boolean;
  /** The server cuts connections that are silent for so long, milliseconds; 0: it does not. */
  readonly idleLimitMillis: number;
  /** The path of the index page. */
  readonly indexPath: string;
  /** Scheme and host, as the client knows them; not to be trusted. */
  readonly origin: string;
}

/** What the index page says of an endpoint. */
export interface EndpointHelp {
  readonly summary: string;
  /** Why it cannot serve now. */
  readonly unavailable?: string | undefined;
  readonly parameters: readonly { readonly usage: string; readonly meaning: string }[];
  /** Arguments of `go tool pprof` before the URL, and the URL's end after the endpoint's name. */
  readonly commands: readonly { readonly flags: string; readonly query: string }[];
}

/** One page below `/debug/pprof/`. */
export interface Endpoint {
  /** The last part of its path. */
  readonly name: string;
  /** `undefined`: it is not listed. */
  help(): EndpointHelp | undefined;
  /**
   * @returns `undefined` when the client is gone.
   * @throws Refusal
   */
  answer(request: EndpointRequest): Promise<Answer | undefined>;
}
