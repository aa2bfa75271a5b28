import { sum } from '../sum';
import type { ProfileWindow } from '../window/ProfileWindow';
import { type Evidence, type Hit, gatherEvidence } from './gatherEvidence';
import { timelineOf } from './timelineOf';

/** A part of the thread's CPU and the hits that divide it, each of which has an equal share. */
interface Stratum {
  readonly cpuSeconds: number;
  /** At least one. */
  readonly hits: readonly Hit[];
}

/** The CPU of a window's thread, divided among its samples. All parts together are `window.cpu.threadSeconds`. */
export interface ApportionedCpu {
  readonly strata: readonly Stratum[];
  /** What the samples themselves cost while the thread waited, seconds. */
  readonly samplingSeconds: number;
  /** What no sample speaks for, seconds. */
  readonly unsampledSeconds: number;
}

/** Divides the CPU of a window's thread among its samples. Pure. See `attributeCpu` for the reasons. */
export function apportionCpu(window: ProfileWindow): ApportionedCpu {
  if (window.parts === undefined) return apportionPart(window);
  const parts = window.parts.map(apportionPart);
  return {
    strata: parts.flatMap(({ strata }) => strata),
    samplingSeconds: sum(parts, ({ samplingSeconds }) => samplingSeconds),
    unsampledSeconds: sum(parts, ({ unsampledSeconds }) => unsampledSeconds),
  };
}

function apportionPart(window: ProfileWindow): ApportionedCpu {
  const { threadSeconds } = window.cpu;
  const { root, samplingIntervalMicros, complete } = window;
  const timeline = root === undefined ? [] : timelineOf(root, samplingIntervalMicros);
  const evidence = gatherEvidence(timeline);
  const covered = complete ? threadSeconds : Math.min(threadSeconds, evidence.cpuSeconds);
  const samplingSeconds = Math.min(covered, evidence.idleCpuSeconds);
  const strata = divideIntoStrata(covered - samplingSeconds, evidence);
  const divided = samplingSeconds + sum(strata, ({ cpuSeconds }) => cpuSeconds);
  return { strata, samplingSeconds, unsampledSeconds: Math.max(0, threadSeconds - divided) };
}

function divideIntoStrata(cpuSeconds: number, { busy, partial }: Evidence): Stratum[] {
  if (busy.hits.length === 0) return nonEmpty({ cpuSeconds, hits: partial });
  // The samples' CPU clock and the window's are read at slightly different instants.
  const busySeconds = partial.length === 0 ? cpuSeconds : Math.min(cpuSeconds, busy.cpuSeconds);
  return [
    { cpuSeconds: busySeconds, hits: busy.hits },
    ...nonEmpty({ cpuSeconds: cpuSeconds - busySeconds, hits: partial }),
  ];
}

function nonEmpty(stratum: Stratum): Stratum[] {
  return stratum.hits.length > 0 ? [stratum] : [];
}
