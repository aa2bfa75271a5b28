import { Refusal } from './Refusal';

/** For each label the values of which a sample must have one. Empty: lets every sample through. */
export type LabelSelection = Readonly<Record<string, readonly string[]>>;

/** Before the name of a label that is called like a parameter. */
const LABEL_PREFIX = 'label.';

/** The parameters of a request, taken one by one by those who know what they mean; what is left over are labels. Pure. */
export class Parameters {
  private readonly values = new Map<string, string[]>();

  /** @param query Without the `?`. */
  constructor(query: string) {
    for (const [name, value] of new URLSearchParams(query)) {
      const values = this.values.get(name);
      if (values === undefined) this.values.set(name, [value]);
      else values.push(value);
    }
  }

  /** Takes a number of at least `min` and at most `max`. @throws Refusal 400 */
  number(name: string, min: number, max: number): number | undefined {
    const text = this.take(name);
    if (text === undefined) return undefined;
    const value = /^\d{1,10}(\.\d{1,9})?$/.test(text) ? Number(text) : NaN;
    if (!(value >= min && value <= max)) throw bad(name, text, `a number from ${min} to ${max}`);
    return value;
  }

  /** Takes one of some numbers. @throws Refusal 400 */
  choice(name: string, choices: readonly number[]): number | undefined {
    const text = this.take(name);
    if (text === undefined) return undefined;
    const choice = choices.find((each) => String(each) === text);
    if (choice === undefined) throw bad(name, text, `one of ${choices.join(', ')}`);
    return choice;
  }

  /** Takes `1` or `0`. @throws Refusal 400 */
  flag(name: string): boolean {
    const text = this.take(name);
    if (text !== undefined && text !== '0' && text !== '1') throw bad(name, text, '0 or 1');
    return text === '1';
  }

  /** Refuses a parameter that Go has and we do not, unless it is `0`. @throws Refusal 400 */
  unsupported(name: string, why: string): void {
    const text = this.take(name);
    if (text !== undefined && text !== '0')
      throw new Refusal(400, `${name} is not supported: ${why}`);
  }

  /** Takes all that is left as labels: any of the values of each. */
  labels(): LabelSelection {
    const filter = new Map<string, Set<string>>();
    for (const [name, values] of this.values) {
      const label = name.startsWith(LABEL_PREFIX) ? name.slice(LABEL_PREFIX.length) : name;
      filter.set(label, new Set([...(filter.get(label) ?? []), ...values]));
    }
    this.values.clear();
    return Object.fromEntries([...filter].map(([label, values]) => [label, [...values]]));
  }

  /** Nothing may be left. @throws Refusal 400 */
  end(why: string): void {
    const [name] = this.values.keys();
    if (name !== undefined) {
      throw new Refusal(400, `${shorten(name)} is no parameter here: ${why}`);
    }
  }

  private take(name: string): string | undefined {
    const values = this.values.get(name);
    if (values === undefined) return undefined;
    this.values.delete(name);
    if (values.length > 1)
      throw new Refusal(400, `${name} must be given once, not ${values.length} times`);
    return values[0];
  }
}

function bad(name: string, value: string, allowed: string): Refusal {
  return new Refusal(400, `${name} must be ${allowed}, got ${shorten(value)}`);
}

function shorten(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
