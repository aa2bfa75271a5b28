import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * A message that `protoc` decoded: the values of each field, in the order of the message. A text
 * has one character per byte.
 */
export class Decoded {
  readonly fields = new Map<string, (string | Decoded)[]>();

  messages(name: string): Decoded[] {
    return (this.fields.get(name) ?? []).filter((value) => value instanceof Decoded);
  }

  /** Returns the only message at `path`. */
  message(...path: string[]): Decoded {
    return path.reduce<Decoded>((at, name) => {
      const [only, ...others] = at.messages(name);
      if (only === undefined || others.length > 0) throw new RangeError(`not one ${name}`);
      return only;
    }, this);
  }

  bytes(name: string): Buffer[] {
    const values = (this.fields.get(name) ?? []).filter((value) => typeof value === 'string');
    return values.map((value) => Buffer.from(value, 'latin1'));
  }

  texts(name: string): string[] {
    return this.bytes(name).map(String);
  }

  integers(name: string): number[] {
    return this.texts(name).map(Number);
  }

  /** Returns a field that is an integer. 0 if it is absent. */
  integer(name: string): number {
    return this.integers(name)[0] ?? 0;
  }
}

const REQUEST = 'opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest';
const FILE = 'opentelemetry/proto/collector/profiles/v1development/profiles_service.proto';

/** Decodes an OTLP request with Debian's `protoc` and the schema of `opentelemetry-proto`. */
export function decodeProfiles(body: Uint8Array): Decoded {
  const text = execFileSync('protoc', [`-I${schema()}`, `--decode=${REQUEST}`, FILE], {
    input: body,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  return parse(text);
}

/** Returns the folder of the schema, which `npm test` unpacks below the root of the repository. */
function schema(): string {
  for (let at = __dirname; dirname(at) !== at; at = dirname(at)) {
    const found = join(at, '.cache/debian/opentelemetry-proto/usr/include');
    if (existsSync(found)) return found;
  }
  throw new Error('the schema is missing; `npm test` installs it');
}

/** Parses protobuf's text format as `protoc` prints it: one field or bracket per line. */
function parse(text: string): Decoded {
  const root = new Decoded();
  const open = [root];
  for (const line of text.split('\n').filter((each) => each !== '')) {
    if (line.trim() === '}') {
      open.pop();
      continue;
    }
    const [, name, value] = /^ *(\w+):? (.*)$/.exec(line)!;
    const { fields } = open.at(-1)!;
    const values = fields.get(name!) ?? [];
    fields.set(name!, values);
    const isMessage = value === '{';
    values.push(isMessage ? new Decoded() : unquote(value!));
    if (isMessage) open.push(values.at(-1) as Decoded);
  }
  return root;
}

/** Returns a value, without quotes and escapes if it is a text. */
function unquote(value: string): string {
  if (!value.startsWith('"')) return value;
  const names: Record<string, string> = { n: '\n', r: '\r', t: '\t' };
  return value
    .slice(1, -1)
    .replace(/\\(?:([0-7]{3})|(.))/g, (_, octal?: string, other?: string) =>
      octal === undefined ? (names[other!] ?? other!) : String.fromCharCode(parseInt(octal, 8)),
    );
}
