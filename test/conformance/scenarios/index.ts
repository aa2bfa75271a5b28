import type { Scenario } from '../Scenario';
import { contexts } from './contexts';
import { events } from './events';
import { network } from './network';
import { pools } from './pools';
import { promises } from './promises';
import { rules } from './rules';
import { streams } from './streams';
import { system } from './system';
import { timers } from './timers';

export const SCENARIOS: readonly Scenario[] = [
  ...rules,
  ...promises,
  ...timers,
  ...events,
  ...streams,
  ...network,
  ...pools,
  ...system,
  ...contexts,
];
