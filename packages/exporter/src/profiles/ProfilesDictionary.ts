import type { Location, Profile, ProfileFunction } from '@rulescope/profiler/pprof';
import { WireWriter } from './WireWriter';

/** Fields of `ProfilesDictionary` in `opentelemetry/proto/profiles/v1development`, 1.11.0. */
const MAPPING_TABLE = 1;
const LOCATION_TABLE = 2;
const FUNCTION_TABLE = 3;
const LINK_TABLE = 4;
const STRING_TABLE = 5;
const ATTRIBUTE_TABLE = 6;
const STACK_TABLE = 7;

/** A span, as lowercase hexadecimal ids. */
export interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
}

const NO_SPAN: SpanIds = { traceId: '0'.repeat(32), spanId: '0'.repeat(16) };

/** A table without two equal items. Item 0 is the zero value, which means "not set". */
class Table {
  private readonly indices = new Map<string, number>();
  readonly encoded = new WireWriter();

  /** @param writeZero Writes the zero value. */
  constructor(writeZero: (encoded: WireWriter) => void) {
    writeZero(this.encoded);
  }

  /** Returns the index of the item with `key`. Calls `write` if it is new. */
  indexOf(key: string, write: (encoded: WireWriter) => void): number {
    let index = this.indices.get(key);
    if (index === undefined) {
      this.indices.set(key, (index = this.indices.size + 1));
      write(this.encoded);
    }
    return index;
  }
}

const emptyMessage = (field: number) => (encoded: WireWriter) =>
  encoded.message(field, () => undefined);

/**
 * The dictionary of an OTLP request, made of the parts of a pprof profile that samples refer to.
 * Each method returns the index of an item in its table. Items are encoded as they are added.
 */
export class ProfilesDictionary {
  private readonly strings = new Table((encoded) => encoded.string(STRING_TABLE, ''));
  private readonly mappings = new Table(emptyMessage(MAPPING_TABLE));
  private readonly locations = new Table(emptyMessage(LOCATION_TABLE));
  private readonly functions = new Table(emptyMessage(FUNCTION_TABLE));
  private readonly links = new Table((encoded) => writeLink(encoded, NO_SPAN));
  private readonly attributes = new Table(emptyMessage(ATTRIBUTE_TABLE));
  private readonly stacks = new Table(emptyMessage(STACK_TABLE));

  /** @param profile Its functions and locations have the ids 1, 2, 3 and so on. */
  constructor(private readonly profile: Profile) {}

  string(text: string): number {
    return text === ''
      ? 0
      : this.strings.indexOf(text, (encoded) => encoded.string(STRING_TABLE, text));
  }

  /** @param locationIds Ids of locations of the profile, leaf first. */
  stack(locationIds: readonly (number | bigint)[]): number {
    if (locationIds.length === 0) return 0;
    return this.stacks.indexOf(locationIds.join(), (encoded) => {
      const indices = locationIds.map((id) =>
        this.location(this.profile.location[Number(id) - 1]!),
      );
      encoded.message(STACK_TABLE, () => encoded.integers(1, indices));
    });
  }

  attribute(key: string, value: string): number {
    return this.attributes.indexOf(JSON.stringify([key, value]), (encoded) => {
      const keyIndex = this.string(key);
      encoded.message(ATTRIBUTE_TABLE, () => {
        encoded.integer(1, keyIndex);
        encoded.message(2, () => encoded.string(1, value));
      });
    });
  }

  link(span: SpanIds): number {
    return this.links.indexOf(span.traceId + span.spanId, (encoded) => writeLink(encoded, span));
  }

  /** Returns the encoded tables. Together they are the fields of `ProfilesDictionary`. */
  tables(): Uint8Array[] {
    const { mappings, locations, functions, links, strings, attributes, stacks } = this;
    return [mappings, locations, functions, links, strings, attributes, stacks].map(({ encoded }) =>
      encoded.result(),
    );
  }

  private location({ id, mappingId, line: lines }: Location): number {
    return this.locations.indexOf(String(id), (encoded) => {
      const mapping = this.mapping(Number(mappingId));
      const encodedLines = lines.map(({ functionId, line, column }) => {
        const index = this.function(this.profile.function[Number(functionId) - 1]!);
        return [index, line, column] as const;
      });
      encoded.message(LOCATION_TABLE, () => {
        encoded.integer(1, mapping);
        for (const fields of encodedLines) {
          encoded.message(3, () => fields.forEach((value, i) => encoded.integer(i + 1, value)));
        }
      });
    });
  }

  private function({ id, name, systemName, filename, startLine }: ProfileFunction): number {
    return this.functions.indexOf(String(id), (encoded) => {
      const texts = [name, systemName, filename].map((index) => this.copied(index));
      encoded.message(FUNCTION_TABLE, () => {
        [...texts, startLine].forEach((value, i) => encoded.integer(i + 1, value));
      });
    });
  }

  private mapping(id: number): number {
    const mapping = this.profile.mapping[id - 1];
    if (mapping === undefined) return 0;
    return this.mappings.indexOf(String(id), (encoded) => {
      const filename = this.copied(mapping.filename);
      encoded.message(MAPPING_TABLE, () => encoded.integer(4, filename));
    });
  }

  /** Returns the index of a string of the profile. */
  private copied(index: number | bigint): number {
    return this.string(this.profile.stringTable.strings[Number(index)]!);
  }
}

function writeLink(encoded: WireWriter, { traceId, spanId }: SpanIds): void {
  encoded.message(LINK_TABLE, () => {
    encoded.bytes(1, Buffer.from(traceId, 'hex'));
    encoded.bytes(2, Buffer.from(spanId, 'hex'));
  });
}
