import { HttpError } from './reply';

/** The values of each label of which a sample must have one. Empty: every sample is selected. */
export type LabelSelection = Readonly<Record<string, readonly string[]>>;

/** Put before the name of a label that has the same name as a parameter. */
const LABEL_PREFIX = 'label.';

/** Takes the parameters of a request one by one. What is left over are labels. */
export class QueryParameters {
  private readonly values = new Map<string, string[]>();

  /** @param query Without the `?`. */
  constructor(query: string) {
    for (const [name, value] of new URLSearchParams(query)) {
      const values = this.values.get(name);
      if (values === undefined) this.values.set(name, [value]);
      else values.push(value);
    }
  }

  /** Takes a number from `min` to `max`. @throws HttpError 400 */
  number(name: string, min: number, max: number): number | undefined {
    return this.numeric(name, /^\d{1,10}(\.\d{1,9})?$/, min, max, 'a number');
  }

  /** Takes an integer from `min` to `max`. @throws HttpError 400 */
  integer(name: string, min: number, max: number): number | undefined {
    return this.numeric(name, /^\d{1,10}$/, min, max, 'an integer');
  }

  /** Takes one of `choices`. @throws HttpError 400 */
  choice(name: string, choices: readonly number[]): number | undefined {
    const text = this.take(name);
    if (text === undefined) return undefined;
    const choice = choices.find((each) => String(each) === text);
    if (choice === undefined) throw bad(name, text, `one of ${choices.join(', ')}`);
    return choice;
  }

  /** Takes `1` or `0`. @throws HttpError 400 */
  flag(name: string): boolean {
    const text = this.take(name);
    if (text !== undefined && text !== '0' && text !== '1') throw bad(name, text, '0 or 1');
    return text === '1';
  }

  /** Takes a parameter that Go has and rulescope lacks. @throws HttpError 400 unless it is `0`. */
  unsupported(name: string, reason: string): void {
    const text = this.take(name);
    if (text !== undefined && text !== '0') throw bad(name, text, `0 (${reason})`);
  }

  /** Takes all that is left as labels. A label that is given twice may have either value. */
  labels(): LabelSelection {
    const selection = new Map<string, Set<string>>();
    for (const [name, values] of this.values) {
      const label = name.startsWith(LABEL_PREFIX) ? name.slice(LABEL_PREFIX.length) : name;
      selection.set(label, new Set([...(selection.get(label) ?? []), ...values]));
    }
    this.values.clear();
    return Object.fromEntries([...selection].map(([label, values]) => [label, [...values]]));
  }

  /** @throws HttpError 400 when a parameter is left. */
  end(reason: string): void {
    for (const [name, [value = '']] of this.values) {
      throw bad(quote(name), value, `omitted (${reason})`);
    }
  }

  private numeric(
    name: string,
    pattern: RegExp,
    min: number,
    max: number,
    kind: string,
  ): number | undefined {
    const text = this.take(name);
    if (text === undefined) return undefined;
    const value = pattern.test(text) ? Number(text) : NaN;
    if (!(value >= min && value <= max)) throw bad(name, text, `${kind} from ${min} to ${max}`);
    return value;
  }

  /** Takes any text. @throws HttpError 400 when it is given twice. */
  take(name: string): string | undefined {
    const values = this.values.get(name);
    if (values === undefined) return undefined;
    this.values.delete(name);
    if (values.length > 1) {
      throw new HttpError(400, `${name} must be given once; got ${values.length} values`);
    }
    return values[0];
  }
}

function bad(name: string, value: string, allowed: string): HttpError {
  return new HttpError(400, `${name} must be ${allowed}; got ${quote(value)}`);
}

/** Returns `text` in quotation marks, shortened. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
