import type { Attributes } from '@opentelemetry/api';
import { type Endings, Series } from './Series';
import type { SeriesLimits } from './options';

/** A series with its id. */
export type Candidate = readonly [id: string, series: Series];

/** A newcomer must have used this many times the CPU of the weakest series to take its place. */
const HYSTERESIS = 2;

/** The places for series, and which series have them. Pure state. */
export class SeriesPlaces {
  readonly active = new Map<string, Series>();
  /** Series that have ended and may not have vanished from what readers get. Oldest end first. */
  readonly ended = new Map<string, Series>();
  /** Series that have vanished, in case that the rule returns. Oldest end first. */
  private readonly vanished = new Map<string, Series>();

  constructor(
    private readonly limits: SeriesLimits,
    private readonly attributesOf: (id: string) => Attributes | undefined,
    private readonly endings: Endings,
    private readonly onEnd: (series: Series) => void,
  ) {}

  get isFull(): boolean {
    return this.active.size >= this.limits.maxActiveSeries;
  }

  retire(id: string, series: Series): void {
    this.active.delete(id);
    this.ended.set(id, series);
    series.ending = ++this.endings.count;
    this.onEnd(series);
  }

  /** Lets the series vanish that ended before there were `until` endings, or then. */
  forgetEnded(until: number): void {
    for (const [id, series] of this.ended) {
      if (series.ending > until) return;
      this.ended.delete(id);
      this.vanished.set(id, series);
    }
  }

  /**
   * Returns the series that a newcomer with `claim` can replace, the weakest last. A newcomer of the
   * same window is no candidate: it has a larger claim than those that come after it.
   */
  weakerThan(claim: number): Candidate[] {
    return [...this.active]
      .filter(([, { recent }]) => recent * HYSTERESIS < claim)
      .sort(([, a], [, b]) => b.recent - a.recent);
  }

  /**
   * Gives the rule `id` a place, if it can have one.
   *
   * @param weakest The series that the newcomer must be compared with, if there is no room.
   */
  admit(id: string, claim: number, weakest?: Candidate[]): Series | undefined {
    const known = this.ended.get(id) ?? this.vanished.get(id);
    if (known === undefined && this.lifetimeIsFull && this.vanished.size === 0) return undefined;
    const loser = weakest?.at(-1);
    if (weakest !== undefined && (loser?.[1].recent ?? Infinity) * HYSTERESIS >= claim) {
      return undefined;
    }
    const series = known ?? this.create(id);
    if (series === undefined) return undefined;
    if (loser !== undefined) this.retire(...loser);
    weakest?.pop();
    series.begin();
    this.ended.delete(id);
    this.vanished.delete(id);
    this.active.set(id, series);
    return series;
  }

  private get lifetimeIsFull(): boolean {
    const { active, ended, vanished } = this;
    return active.size + ended.size + vanished.size >= this.limits.maxLifetimeSeries;
  }

  /** Creates a series in the place of the one that vanished first, if there is no room. */
  private create(id: string): Series | undefined {
    const attributes = this.attributesOf(id);
    if (attributes === undefined) return undefined;
    const [oldest] = this.vanished.keys();
    if (this.lifetimeIsFull && oldest !== undefined) this.vanished.delete(oldest);
    return new Series(attributes);
  }
}
