import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { toError } from '../base/errors';
import type { Logger } from '../base/logger';
import { untilAborted } from '../base/untilAborted';
import type { Clock } from '../collector/Clock';
import { HttpError } from './endpoint';

/** Tells whether a request may read profiles. Only `true` admits it. */
export type Authorize = (request: IncomingMessage) => boolean | Promise<boolean>;

/** Names of the headers with which proxies, load balancers and CDNs forward requests. */
const FORWARDING_HEADER = new RegExp(
  '^(forwarded|via|x-forwarded.*|x-original-.*|x-envoy-.*|x-arr-.*|x-varnish|x-real-ip' +
    '|x-client-ip|x-cluster-client-ip|x-remote-ip|cf-.*|cdn-loop|true-client-ip' +
    '|fastly-client-ip|(wl-)?proxy-client-ip)$',
);

/** `check` also finds IPv4 addresses that are mapped to IPv6, such as `::ffff:127.0.0.1`. */
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/**
 * Resolves when `request` may read profiles: when `authorize` returns `true`, or without
 * `authorize`, when the request is local.
 *
 * @throws HttpError 403; 500 when `authorize` failed; the reason of `signal` when it aborts first.
 */
export async function checkAccess(
  request: IncomingMessage,
  authorize: Authorize | undefined,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  if (authorize === undefined) {
    const { headers, httpVersion, socket } = request;
    return checkLocalRequest({ remoteAddress: socket.remoteAddress, headers, httpVersion });
  }
  const admitted = await untilAborted(callAuthorize(authorize, request, logger), signal);
  if (admitted !== true) {
    throw new HttpError(403, 'the authorize function of this application denied the request');
  }
}

async function callAuthorize(
  authorize: Authorize,
  request: IncomingMessage,
  logger: Logger,
): Promise<boolean> {
  try {
    return await authorize(request);
  } catch (thrown) {
    logger.error('rulescope: authorize of the pprof handler failed', toError(thrown));
    throw new HttpError(
      500,
      'the authorize function of this application failed; its log has the error',
    );
  }
}

/** What is known about the sender of a request. */
export interface Sender {
  readonly remoteAddress: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly httpVersion: string;
}

/**
 * Returns when a program or a person on this machine sent the request.
 *
 * The address of the socket decides. It is not enough: every request through a proxy on this
 * machine comes from loopback. So does a request that a page of another site makes in a browser on
 * this machine, directly or under a host name that its owner pointed to 127.0.0.1 (DNS rebinding).
 * The other checks can only refuse. What a client writes, such as `Host`, never admits it.
 *
 * @throws HttpError 403 with the reason.
 */
export function checkLocalRequest({ remoteAddress, headers, httpVersion }: Sender): void {
  if (remoteAddress === undefined) throw notLocal('its remote address is unknown');
  if (!isLoopback(remoteAddress)) throw notLocal(`it comes from ${remoteAddress}`);
  const forwarding = Object.keys(headers).find((name) => FORWARDING_HEADER.test(name));
  if (forwarding !== undefined) throw notLocal(`a proxy forwarded it (header ${forwarding})`);
  const host = headers.host ?? headers[':authority'];
  // nginx before 1.29.7 adds no header by default, but it is the one that still speaks HTTP/1.0.
  if (httpVersion === '1.0' && host !== undefined) {
    throw notLocal('it is HTTP/1.0 with a host, as proxies send it');
  }
  if (typeof host === 'string' && !isLoopbackHost(host)) {
    throw notLocal(`it is addressed to ${JSON.stringify(host.slice(0, 100))}, not to localhost`);
  }
  if (headers['sec-fetch-site'] === 'cross-site') throw notLocal('a page of another site made it');
}

function notLocal(reason: string): HttpError {
  return new HttpError(
    403,
    'only requests from this machine may read profiles, and this request is not local: ' +
      `${reason}.\nTo admit other requests, pass a function that decides: ` +
      'createPprofHandler({ authorize: (request) => true or false }).',
  );
}

function isLoopback(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && LOOPBACK.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/** @param host The value of the header `Host`, with or without a port. */
function isLoopbackHost(host: string): boolean {
  const [, bracketed, plain = ''] = /^(?:\[(.*)\]|([^:]*))(?::\d*)?$/.exec(host) ?? [];
  if (bracketed !== undefined) return isLoopback(bracketed);
  const name = plain.toLowerCase().replace(/\.$/, '');
  return name === 'localhost' || name.endsWith('.localhost') || isLoopback(name);
}

/** Limits how many recordings run at the same time, in all endpoints of a handler together. */
export class ConcurrencyLimit {
  /** The expected end of each running recording, monotonic time. */
  private readonly ends = new Set<{ readonly millis: number }>();

  constructor(
    private readonly max: number,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /**
   * Runs `record`, which takes about `seconds`, and settles as it does.
   *
   * @throws HttpError 429 when `max` recordings are running; it says when the next one ends.
   */
  async run<T>(seconds: number, record: () => Promise<T>): Promise<T> {
    const now = this.clock.now().monotonicMillis;
    if (this.ends.size >= this.max) {
      const soonest = Math.min(...[...this.ends].map(({ millis }) => millis));
      const wait = Math.max(1, Math.ceil((soonest - now) / 1000));
      throw new HttpError(
        429,
        `${this.max} recordings are running, the most at the same time (option maxConcurrent); ` +
          `try again in ${wait} s`,
        { 'Retry-After': String(wait) },
      );
    }
    const end = { millis: now + seconds * 1000 };
    this.ends.add(end);
    try {
      return await record();
    } finally {
      this.ends.delete(end);
    }
  }
}
