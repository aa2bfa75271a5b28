import { InvalidOptionError, boolean, knownKeys } from '@rulescope/profiler/internal';

/** Groups of metrics, on or off. */
export interface MetricGroups {
  /** CPU per rule: `rulescope.rule.cpu.*`. Default true. */
  readonly rule?: boolean;
  /** The ledger, which is CPU by source: `rulescope.process.cpu.*`. Default true. */
  readonly process?: boolean;
  /** The profiler's own work: windows, samples, consumers. Default true. */
  readonly profiler?: boolean;
  /** The hottest functions of each rule: `rulescope.rule.function.cpu.*`. Default false. */
  readonly functions?: boolean;
}

export type MetricGroup = keyof MetricGroups;

const DEFAULTS = { rule: true, process: true, profiler: true, functions: false };

/**
 * Returns `groups` with the defaults filled in.
 *
 * @throws InvalidOptionError that names the group, its value and what is allowed.
 */
export function resolveGroups(option: string, groups: MetricGroups = {}): Required<MetricGroups> {
  knownKeys(option, groups, Object.keys(DEFAULTS));
  const resolved = { ...DEFAULTS };
  for (const [name, value] of Object.entries(groups) as [MetricGroup, unknown][]) {
    if (value !== undefined) resolved[name] = boolean(`${option}.${name}`, value);
  }
  if (!Object.values(resolved).includes(true)) {
    throw new InvalidOptionError(
      option,
      groups,
      `an object in which ${Object.keys(DEFAULTS).join(', ')} are not all off`,
    );
  }
  return resolved;
}
