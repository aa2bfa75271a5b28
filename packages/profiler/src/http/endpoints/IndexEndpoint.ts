import { createHash } from 'node:crypto';
import type { Answer } from '../Answer';
import { indexPage } from '../page/indexPage';
import { STYLE } from '../page/style';
import type { Endpoint, EndpointRequest } from './Endpoint';

/** Nothing but its own style: no script, no picture, no frame around it. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page that lists the other endpoints. */
export class IndexEndpoint implements Endpoint {
  readonly name = '';

  constructor(private readonly endpoints: readonly Endpoint[]) {}

  help(): undefined {
    return undefined;
  }

  answer({ origin, indexPath }: EndpointRequest): Promise<Answer> {
    const entries = this.endpoints.flatMap((endpoint) => {
      const help = endpoint.help();
      return help === undefined ? [] : [{ name: endpoint.name, ...help }];
    });
    return Promise.resolve({
      status: 200,
      headers: {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': POLICY,
        'Referrer-Policy': 'no-referrer',
      },
      body: indexPage(entries, origin, indexPath),
    });
  }
}
