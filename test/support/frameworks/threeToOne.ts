import { strict as assert } from 'node:assert';
import { eventually } from '../processes';
import type { App } from './startApp';

/** Two routes that do the same work: the path without the last part, and the rule. */
type Routes = readonly Record<'path' | 'rule', string>[];

/**
 * Sends three requests to the first route for each one to the second, and checks the metrics.
 * Returns the seconds of CPU of both routes, and those without a rule since the application started.
 */
export async function assertThreeToOne(
  app: Pick<App, 'url' | 'metricsUrl'>,
  routes: Routes,
): Promise<Record<'labeled' | 'unlabeled', number>> {
  const { figures, unlabeled } = await eventually('100 samples of a route', async () => {
    await loadOf(app.url, routes);
    const found = await scrape(app.metricsUrl, routes);
    return found.figures[1]!.samples >= 100 ? found : undefined;
  });
  const [users, orders] = figures as [Figures, Figures];
  // Both routes do the same work per request, in random order, so load of the machine and the cost
  // of the framework are the same for both. rulescope's own variance has to cover the difference:
  // 4 standard errors are exceeded in fewer than 1 of 10,000 runs. Equal routes would differ by
  // more than 4 of them: with 100 samples each, by 200 samples, with an error of 32.
  const difference = users.time - 3 * orders.time;
  const standardError = Math.sqrt(users.variance + 9 * orders.variance);
  const found = JSON.stringify({ users, orders, unlabeled });
  assert.ok(Math.abs(difference) <= 4 * standardError, found);
  return { labeled: users.time + orders.time, unlabeled };
}

/** Sends 30 requests to one route and 10 to another, in random order, four at a time. */
async function loadOf(url: string, [users, orders]: Routes): Promise<void> {
  const paths = Array.from({ length: 40 }, (_, i) =>
    i % 4 === 0 ? `${orders!.path}/${i}` : `${users!.path}/${i}`,
  )
    .map((path) => [Math.random(), path] as const)
    .sort(([a], [b]) => a - b)
    .map(([, path]) => path);
  const client = async (): Promise<void> => {
    for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
      const response = await fetch(`${url}${path}`);
      assert.equal(response.status, 200);
      await response.arrayBuffer();
    }
  };
  await Promise.all([client(), client(), client(), client()]);
}

/** Figures of a rule: CPU in seconds, its variance and its samples. */
type Figures = Record<'time' | 'variance' | 'samples', number>;

async function scrape(
  url: string,
  routes: Routes,
): Promise<{ figures: Figures[]; unlabeled: number }> {
  const text = await (await fetch(url)).text();
  const values = new Map(
    [
      ...text.matchAll(/^rulescope_(\w+)_total\{.*?(?:rule_id|cpu_source)="(.*?)".*\} (\S+)$/gm),
    ].map(([, name, id, value]) => [`${name} ${id}`, Number(value)]),
  );
  const figure = (name: string, id: string): number => values.get(`${name} ${id}`) ?? 0;
  return {
    figures: routes.map(({ rule }) => ({
      time: figure('rule_cpu_time', rule),
      variance: figure('rule_cpu_variance', rule),
      samples: figure('rule_cpu_samples', rule),
    })),
    unlabeled: figure('process_cpu_time', 'unlabeled'),
  };
}
