import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { createLabelStorage } from '../../src/labels/createLabelStorage';
import type { Recording } from '../../src/model/Recording';
import { timelineOf } from '../../src/model/timeline';
import { DatadogSampler } from '../../src/sampler/DatadogSampler';
import { burnSamples } from './burn';

const OPTIONS = { samplingIntervalMicros: 1_009, bufferMillis: 30_000, fair: true };

/** Number of samples that one call of {@link burn} waits for. */
const BURN = 25;

/**
 * Number of samples that may be missing in a whole recording. Samples are counted when they are
 * taken, so neither the speed nor the load of the machine matters. Missing samples are those in
 * native code (the loop is all JavaScript) and one or two at the boundary of the recording. The
 * chance that more than eight are missing is far below 1 in 1000. A burn with the wrong label
 * misses 25.
 */
const MAX_MISSING = 8;

/** Number of hits by rule. `undefined` stands for no rule. */
type Hits = ReadonlyMap<string | undefined, number>;

/** Hits that were recorded, and hits that must have been recorded. */
export interface LabeledRecording {
  readonly found: Hits;
  readonly burnt: Hits;
}

/** Label storage for this version of Node.js. */
export const labels = createLabelStorage();

const sampler = new DatadogSampler(labels.frameStorage, OPTIONS);
labels.connect(sampler);

/** Calls `fn` with the label `rule` in its flow. */
export function withRule<R>(rule: string | undefined, fn: () => R): R {
  return labels.run(labels.createLabelContext(rule === undefined ? undefined : { rule }), fn);
}

let burnt = new Map<string | undefined, number>();

/** Keeps the thread busy for some samples. The label must be `rule` during this time. */
export function burn(rule?: string): void {
  const before = sampler.sampleCount();
  burnSamples(BURN, sampler);
  burnt.set(rule, (burnt.get(rule) ?? 0) + sampler.sampleCount() - before);
}

export function startSampling(): void {
  burnt = new Map();
  sampler.start(OPTIONS);
  labels.samplingStarted();
}

/** Closes a recording and starts the next one. */
export function rotateSampling(): LabeledRecording {
  const recording = sampler.rotate(OPTIONS);
  labels.recordingClosed();
  return compare(recording);
}

export function stopSampling(): LabeledRecording {
  const recording = sampler.stop();
  labels.samplingStopped();
  return compare(recording);
}

function compare({ root }: Recording): LabeledRecording {
  const found = new Map<string | undefined, number>();
  for (const { activity, labels: { rule } = {} } of timelineOf(root)) {
    if (activity === 'javascript' || activity === 'gc') found.set(rule, (found.get(rule) ?? 0) + 1);
  }
  const expected = burnt;
  burnt = new Map();
  return { found, burnt: expected };
}

/** Records while `fn` runs. */
export async function record(fn: () => unknown): Promise<LabeledRecording> {
  startSampling();
  try {
    await fn();
  } catch (thrown) {
    stopSampling();
    throw thrown;
  }
  return stopSampling();
}

/**
 * Asserts that the samples of every burn have their own rule. Each sample has one rule, so no burn
 * can have the samples of another rule.
 */
export function assertLabeled({ found, burnt }: LabeledRecording): void {
  assert.ok(burnt.size > 0, 'nothing was burnt');
  for (const [rule, samples] of burnt) {
    const hits = found.get(rule) ?? 0;
    assert.ok(hits >= samples - MAX_MISSING, `${rule}: burnt ${samples}, found ${inspect(found)}`);
  }
}
