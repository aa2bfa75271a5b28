import type { Attributes } from '@opentelemetry/api';
import type { LabelSet, LabelValueOf } from '@rulescope/profiler';
import { boundedString, warnOnce } from '@rulescope/profiler/internal';
import { ATTR_RULE_ID } from './semconv';

/** Returns what is exported for a label value; `undefined` or `''` leaves the attribute out. */
export type MapLabel = (value: string, key: string) => string | undefined;

/** The label whose values are rules. */
const RULE_LABEL = 'rule';

/**
 * Says which samples belong to one series: those whose configured labels agree. The id of a series
 * with one key is its value. With several keys, or with a function that maps them, the id is the list
 * of its values as JSON. A label with the value `''` is left out, because Prometheus takes it for
 * absent.
 */
export class SeriesLabels {
  /** What `attributeCpu` divides CPU by. Returns the id of a series. */
  readonly by: string | LabelValueOf;
  /** Names of the attributes of a series. */
  readonly names: readonly string[];
  private readonly ids = new WeakMap<LabelSet, string>();

  constructor(
    private readonly keys: readonly string[] = [RULE_LABEL],
    private readonly map?: MapLabel,
    private readonly warn: (...warning: Parameters<typeof warnOnce>) => void = warnOnce,
  ) {
    const [first = RULE_LABEL] = keys;
    this.by = keys.length === 1 && map === undefined ? first : (labels) => this.idOf(labels);
    this.names = keys.map(attributeName);
  }

  /**
   * Returns the attributes of the series `id`, `undefined` if all labels were left out. The CPU of
   * such a series counts for all other rules.
   */
  attributesOf(id: string): Attributes | undefined {
    const values = typeof this.by === 'string' ? [id] : (JSON.parse(id) as (string | null)[]);
    const known = this.names.flatMap((name, at) => {
      const value = values[at];
      return value ? [[name, value]] : [];
    });
    return known.length === 0 ? undefined : (Object.fromEntries(known) as Attributes);
  }

  /** Returns the id of the series of `labels`, `undefined` if they have no configured label. */
  private idOf(labels: LabelSet): string | undefined {
    let id = this.ids.get(labels);
    if (id === undefined && this.keys.some((key) => Object.hasOwn(labels, key))) {
      id = JSON.stringify(this.keys.map((key) => this.valueOf(labels, key)));
      this.ids.set(labels, id);
    }
    return id;
  }

  private valueOf(labels: LabelSet, key: string): string | undefined {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (!value || this.map === undefined) return value || undefined;
    try {
      const mapped: unknown = this.map(value, key);
      if (typeof mapped === 'string') return boundedString(mapped) || undefined;
      if (mapped !== undefined) throw new TypeError(`it returned a ${typeof mapped}`);
    } catch (thrown) {
      this.warn(
        `rulescope: mapLabel failed for the label "${key}" (${String(thrown)}). It must return a string ` +
          'or undefined. The label is left out.',
        'RULESCOPE_MAP_LABEL',
      );
    }
    return undefined;
  }
}

/** Returns the name of the attribute that has the values of the label `key`. */
export function attributeName(key: string): string {
  return key === RULE_LABEL ? ATTR_RULE_ID : key;
}
