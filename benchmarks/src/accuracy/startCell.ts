import { Helpers } from './Helpers';
import type { Truth } from './Truth';
import { type WithRule, Work } from './Work';
import { createBlockingBurn } from './blocking';
import { allocate, calibrate, calibrateAllocation, spin } from './burn';
import type { AccuracyCell } from './cases';
import { DRIVERS, type DriverName } from './drivers';
import type { Driver, Stop } from './drivers/Driver';
import { calibrateNatives } from './natives';
import { type Rule, rulesOf } from './rules';

/** Maximum time by which a helper outlives the run. */
const GRACE_SECONDS = 20;

/** What a cell needs to run. */
export interface CellRun {
  readonly withRule: WithRule;
  readonly truth: Truth;
  /** The processor that the process is pinned to. `undefined`: it is not pinned. */
  readonly cpu: number | undefined;
  readonly seconds: number;
}

/** Starts the work of `cell`. @returns a function that stops it. */
export async function startCell(cell: AccuracyCell, run: CellRun): Promise<Stop> {
  const rules = rulesOf(cell.burstsMillis);
  const burn = (BURNS[cell.driver] ?? spinBurn)(rules);
  const work = new Work(rules, cell.load, run.withRule, run.truth, burn);
  const helpers = new Helpers(run.cpu, run.seconds + GRACE_SECONDS);
  const driver: Driver = DRIVERS[cell.driver];
  const stop = await driver(work, helpers);
  if (cell.placement === 'shared') helpers.startNeighbor();
  return () => {
    stop();
    helpers.stop();
  };
}

/** Runs one burst of a rule. */
type Burn = (rule: Rule) => void;

/** Prepare the bursts of the drivers that do more than spin. */
const BURNS: Readonly<Partial<Record<DriverName, (rules: readonly Rule[]) => Burn>>> = {
  natives: nativeBurn,
  garbage: allocatingBurn,
  blocking: blockingBurn,
};

function spinBurn(): Burn {
  calibrate();
  return ({ burstMillis }) => spin(burstMillis);
}

function allocatingBurn(): Burn {
  calibrateAllocation();
  return ({ burstMillis }) => allocate(burstMillis);
}

function blockingBurn(): Burn {
  calibrate();
  return createBlockingBurn();
}

function nativeBurn(rules: readonly Rule[]): Burn {
  const calls = calibrateNatives(rules.map(({ burstMillis }) => burstMillis));
  const byRule = new Map(rules.map((rule, index) => [rule, calls[index]]));
  return (rule) => void byRule.get(rule)?.();
}
