import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { DEBIAN_FILES } from './install.mjs';

/** Address of its pages. The ports after it belong to the variants. */
const ADDRESS = '127.0.0.1:9469';

/** Starts Prometheus with a configuration. Resolves when it is ready. It ends with this process. */
export async function startPrometheus(config, directory) {
  const url = `http://${ADDRESS}`;
  const isReady = () =>
    fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  if (await isReady()) throw new Error(`${ADDRESS} is taken: a Prometheus runs there`);
  const options = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(directory, 'prometheus')}`,
    `--web.listen-address=${ADDRESS}`,
    '--log.level=error',
  ];
  const child = spawn(DEBIAN_FILES.prometheus, options, { stdio: 'inherit' });
  const ended = once(child, 'close');
  process.once('exit', () => child.kill());
  for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => process.exit(130));
  while (child.exitCode === null && !(await isReady())) await setTimeout(100);
  if (child.exitCode !== null) throw new Error(`prometheus ended with ${child.exitCode}`);
  return {
    url,
    /** Returns the value of an expression with one sample, else `undefined`. */
    async scalar(expression) {
      const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`);
      const { data } = await response.json();
      return data?.result.length === 1 ? Number(data.result[0].value[1]) : undefined;
    },
    /** Fulfills when it has ended. */
    ended,
  };
}
