import type { IncomingHttpHeaders } from 'node:http';
import { isIPv4 } from 'node:net';

/** What is known of who sent a request. */
export interface Sender {
  readonly remoteAddress: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** Headers by which a proxy says that the request is somebody else's; beside all that begin with `x-forwarded-`. */
const FORWARDING = [
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-original-host',
  'cf-connecting-ip',
  'true-client-ip',
];

/**
 * Why a request does not count as one by a program or person on this machine; `undefined` when it does. Pure.
 *
 * The address alone does not tell: behind a proxy on the same machine everybody comes from loopback, and so do the
 * requests that a page from elsewhere makes in a browser here (directly, or under a host name of its own that it has
 * rebound to 127.0.0.1).
 */
export function whyNotLocal({ remoteAddress, headers }: Sender): string | undefined {
  if (remoteAddress === undefined) return 'the address it comes from is not known';
  if (!isLoopback(remoteAddress)) return `it comes from ${remoteAddress}`;
  const forwarded = Object.keys(headers).find(
    (name) => name.startsWith('x-forwarded-') || FORWARDING.includes(name),
  );
  if (forwarded !== undefined) return `a proxy has forwarded it (header ${forwarded})`;
  const host = headers.host ?? headers[':authority'];
  if (typeof host === 'string' && !isLoopbackHost(host)) {
    return `it is addressed to ${JSON.stringify(host.slice(0, 100))}, not to localhost`;
  }
  if (headers['sec-fetch-site'] === 'cross-site') return 'a page of another site has made it';
  return undefined;
}

function isLoopback(address: string): boolean {
  const mapped = address.toLowerCase().replace(/^::ffff:/, '');
  return address === '::1' || (isIPv4(mapped) && mapped.startsWith('127.'));
}

/** @param host As in the header `Host`: with or without a port. */
function isLoopbackHost(host: string): boolean {
  const [, bracketed, plain = ''] = /^(?:\[(.*)\]|([^:]*))(?::\d*)?$/.exec(host) ?? [];
  if (bracketed !== undefined) return isLoopback(bracketed);
  const name = plain.toLowerCase().replace(/\.$/, '');
  return name === 'localhost' || name.endsWith('.localhost') || isLoopback(name);
}
