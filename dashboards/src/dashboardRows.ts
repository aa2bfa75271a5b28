import type { MetricNames } from './naming';
import type { Row } from './panel';
import { ledger, profiler } from './processPanels';
import { comparison, hotFunctions, oneRule } from './rulePanels';

/** Returns the rows of the dashboard. All figures are sums over the chosen processes. */
export function dashboardRows(metric: MetricNames): readonly Row[] {
  return [
    { title: 'Rules compared', panels: comparison(metric) },
    { title: 'One rule: $rule', panels: oneRule(metric) },
    { title: 'Hot functions of $rule', panels: hotFunctions(metric) },
    { title: 'All CPU of the processes', panels: ledger(metric) },
    { title: 'The profiler: cost and health', panels: profiler(metric) },
  ];
}
