/** Sends `requests` requests to `port` over ten connections. */
import { requirePeer } from '../subjects/requirePeer';

interface Result {
  readonly non2xx: number;
  readonly errors: number;
}

const autocannon = requirePeer<(options: object) => Promise<Result>>('autocannon');
const [port, requests] = process.argv.slice(2).map(Number);

void autocannon({ url: `http://127.0.0.1:${port}`, connections: 10, amount: requests }).then(
  ({ non2xx, errors }) => process.exit(non2xx + errors > 0 ? 1 : 0),
);
