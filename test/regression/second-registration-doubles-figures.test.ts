import { assertCpu, scenario } from '../support/shutdown/scenario';

describe('a second RuleMetrics on one MeterProvider', () => {
  it('doubles nothing for cumulative and delta readers, and a warning says so once', async () => {
    const warning =
      /^\(node:\d+\) \[RULESCOPE_SECOND_REGISTRATION\] Warning: rulescope: .*Remove one of them.*\n\(Use .*\)\n$/;
    const { cpu, cumulative, deltas, own } = await scenario<Record<string, number>>('twice', {
      stderr: warning,
    });
    assertCpu(cumulative, cpu!, 'cumulative');
    assertCpu(deltas, cpu!, 'sum of the deltas');
    assertCpu(own, cpu!, 'on another MeterProvider');
  });
});
