import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import ts from 'typescript';
import { createLabelStorage } from '../../src/labels/createLabelStorage';
import { mapSources } from '../../src/report/mapSources';
import { sourceMapLookup } from '../../src/report/sourceMapLookup';
import { top } from '../../src/report/top';
import { DatadogSampler } from '../../src/sampler/DatadogSampler';
import type { CallNode } from '../../src/model/CallNode';
import { burnSamples } from '../support/burn';
import { type FrameSpec, profileOf } from '../support/profiles';
import { encodeMappings } from '../support/sourceMaps';

describe('sourceMapLookup', () => {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'rulescope maps ')));
  after(() => rmSync(directory, { recursive: true }));

  let scripts = 0;
  /** Writes files into a directory of their own, and returns the path of the first. */
  const write = (files: Record<string, string>): string => {
    const home = join(directory, String(++scripts));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(home, name)), { recursive: true });
      writeFileSync(join(home, name), text);
    }
    return join(home, Object.keys(files)[0]!);
  };
  const mapOf = (changes: object = {}): string =>
    JSON.stringify({
      version: 3,
      sources: ['x.ts'],
      names: [],
      mappings: encodeMappings([{ line: 0, column: 4, originalLine: 6, originalColumn: 2 }]),
      ...changes,
    });
  const sectionAt = (line: number, column: number, changes?: object): string => {
    const map = JSON.parse(mapOf(changes)) as object;
    return JSON.stringify({ version: 3, sections: [{ offset: { line, column }, map }] });
  };
  const inline = (map: string): string =>
    `    f()\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString('base64')}`;

  describe('for TypeScript that was compiled, run and profiled', () => {
    // Types, an enum and a comment shift lines and columns. V8 places a function at each @.
    const source = `interface Rule { readonly weight: number }
enum Kind { A = 1, B }
type Burn = () => void;

/** The script does not contain this comment. */
export function declared@(rule: Rule, burn: Burn): void { burn(); }
export const arrow: (burn: Burn) => void =   @(burn: Burn): void => { burn(); };
export const bare: (burn: Burn) => void = @burn => { burn(); };
export const expression = function @(this: void, burn: Burn): void { burn(); };
export const asynchronous = @async (burn: Burn): Promise<void> => { burn(); };
export class Widget<T extends Rule> {
  private readonly kind: Kind = Kind.B;
  method@(rule: T, burn: Burn): Kind { burn(); return this.kind; }
  static make@(burn: Burn): void { burn(); }
  set value@(burn: Burn) { burn(); }
}
export function outer(burn: Burn): void {
  const nested = @(depth: number): void => {
    if (depth > 0) nested(depth - 1);
    else burn();
  };
  nested(2);
}
export function all(burn: Burn): void {
  declared({ weight: 1 }, burn); arrow(burn); bare(burn); expression(burn); void asynchronous(burn);
  const widget = new Widget(); widget.method({ weight: 1 }, burn); Widget.make(burn); widget.value = burn;
  outer(burn);
}
`;
    const original = source.replaceAll('@', '');
    const places = new Map<string, { line: number; column: number }>();
    source.split('\n').forEach((text, index) => {
      const column = text.indexOf('@') + 1;
      const name = /(\w+)@|(?:const|readonly) (\w+)/.exec(text);
      if (column > 0) places.set((name?.[1] ?? name?.[2])!, { line: index + 1, column });
    });

    for (const [kind, options] of [
      ['a map in a file', { sourceMap: true }],
      ['a map in the script', { inlineSourceMap: true }],
      ['older syntax', { sourceMap: true, target: ts.ScriptTarget.ES2015 }],
    ] as const) {
      it(`finds the original line and column of each function: ${kind}`, () => {
        const { outputText, sourceMapText = '' } = ts.transpileModule(original, {
          fileName: 'widget.ts',
          compilerOptions: {
            target: ts.ScriptTarget.ES2022,
            module: ts.ModuleKind.CommonJS,
            removeComments: true,
            ...options,
          },
        });
        const script = write({ 'widget.js': outputText, 'widget.js.map': sourceMapText });
        const spec = profileRun(script, [...places.keys()]);
        const lookup = sourceMapLookup();
        const lines = top(mapSources(profileOf(spec), lookup), { granularity: 'lines' });
        const found = new Map(
          lines.entries.map((entry) => [entry.functionName.replace(/^set /, ''), entry]),
        );
        const typescript = script.replace('.js', '.ts');
        assert.deepEqual(
          [...places.keys()].map((name) => [name, found.get(name)?.file, found.get(name)?.line]),
          [...places].map(([name, { line }]) => [name, typescript, line]),
        );
        // The compiler maps this exact place, so an error of one column would find its neighbor.
        for (const name of ['arrow', 'bare', 'nested']) {
          const frame = spec.frames.find((one) => one.name === name)!;
          assert.deepEqual(lookup(script, frame.line!, frame.column), {
            file: typescript,
            ...places.get(name),
          });
          // Without a column, the line is still right.
          assert.equal(lookup(script, frame.line!, undefined)?.line, places.get(name)?.line, name);
        }
        const { mapped, missingMap, corruptMap } = lookup.counts;
        assert.ok(mapped >= places.size);
        assert.deepEqual([missingMap, corruptMap], [0, 0]);
      });
    }
  });

  it('finds the original names of minified functions', () => {
    const text =
      'function a(b){}const c=b=>b,d=async function(b){},e={f(b){},get g(){}};(function(){})();function kept(z){}';
    const names = ['declared', 'parameter', 'arrow', 'expression', 'method', 'g', 'noname'];
    const at = (search: string, name?: number) => ({
      line: 0,
      column: text.indexOf(search),
      originalLine: 0,
      originalColumn: text.indexOf(search),
      ...(name === undefined ? {} : { name }),
    });
    const segments = [
      at('function a'),
      at('a(b)', 0),
      at('b){}const', 1),
      at('c=', 2),
      at('b=>b', 1),
      at('>b', 1),
      at('d=', 3),
      at('async'),
      at('f(b)', 4),
      at('g()', 5),
      at('(function'),
      at('function(){})'),
      at('kept('),
    ];
    const script = write({
      'x.js': `${text}\n//# sourceMappingURL=x.map`,
      'x.map': mapOf({ names, mappings: encodeMappings(segments) }),
    });
    const lookup = sourceMapLookup();
    const nameAt = (search: string) => lookup(script, 1, text.indexOf(search) + 1)?.name;
    assert.equal(nameAt('(b){}const'), 'declared');
    assert.equal(nameAt('b=>b'), 'arrow');
    assert.equal(nameAt('(b){},e'), 'expression');
    assert.equal(nameAt('(b){},get'), 'method');
    // V8 calls it "get g", which says more than "g".
    assert.equal(nameAt('(){}};'), undefined);
    // The mapping before has a name, which belongs to another function.
    assert.equal(nameAt('(){})()'), undefined);
    assert.equal(nameAt('(z){}'), undefined);
  });

  it('finds the map of a script in every place where it may be', () => {
    const script = '    f()\n//# sourceMappingURL=';
    const cases: Record<string, [Record<string, string>, string]> = {
      'a file beside it': [{ 'x.js': `${script}x.map`, 'x.map': mapOf() }, 'x.ts'],
      'an encoded name': [{ 'x.js': `${script}a%20b.map`, 'a b.map': mapOf() }, 'x.ts'],
      'another directory': [{ 'out/x.js': `${script}../m/x.map`, 'm/x.map': mapOf() }, 'm/x.ts'],
      'base64 in it': [{ 'x.js': inline(mapOf()) }, 'x.ts'],
      'text in it': [{ 'x.js': `${script}data:,${encodeURIComponent(mapOf())}` }, 'x.ts'],
      'the last of two': [
        { 'x.js': `//# sourceMappingURL=no\n`.replace('\n', ' ') + inline(mapOf()) },
        'x.ts',
      ],
      'a guard in front': [{ 'x.js': `${script}x.map`, 'x.map': `)]}'\n${mapOf()}` }, 'x.ts'],
      'a source root': [{ 'x.js': inline(mapOf({ sourceRoot: 'src/' })) }, 'src/x.ts'],
      sections: [{ 'x.js': inline(sectionAt(0, 0)) }, 'x.ts'],
    };
    for (const [what, [files, source]] of Object.entries(cases)) {
      const path = write(files);
      // In one case, a comment precedes the code in the first line.
      const found = sourceMapLookup()(path, 1, 5) ?? sourceMapLookup()(path, 1, undefined);
      const home = join(directory, String(scripts));
      assert.deepEqual([found?.file, found?.line], [join(home, source), 7], what);
    }
    const bundled = write({ 'x.js': inline(mapOf({ sources: ['webpack://app/./x.ts'] })) });
    assert.equal(sourceMapLookup()(bundled, 1, 5)?.file, 'webpack://app/./x.ts');
  });

  it('accepts a path, the URL of a module, and the form that @datadog/pprof gives it', () => {
    const script = write({ 'a module.mjs': inline(mapOf()) });
    const url = pathToFileURL(script).href;
    for (const name of [script, url, url.slice('file://'.length)]) {
      assert.equal(sourceMapLookup()(name, 1, 5)?.line, 7, name);
    }
  });

  it('returns undefined for a place without a mapping', () => {
    const script = write({ 'x.js': inline(mapOf()).replace('\n', '\ng()\n') });
    const lookup = sourceMapLookup();
    assert.equal(lookup(script, 1, 4), undefined);
    // The only mapping is in the line before.
    assert.equal(lookup(script, 2, 1), undefined);
    assert.equal(lookup(script, 99, 1), undefined);
    assert.deepEqual(lookup.counts, { ...NOTHING, unmapped: 3 });
  });

  it('counts why a frame has no original position', () => {
    const at = (text: string, rest: Record<string, string> = {}) =>
      write({ 'x.js': text, ...rest });
    const named = 'f()\n//# sourceMappingURL=x.map';
    const cases: [keyof typeof NOTHING, string][] = [
      ['withoutMap', at('f()')],
      ['withoutMap', ''],
      ['withoutMap', 'node:fs'],
      ['withoutMap', 'evalmachine.<anonymous>'],
      ['withoutMap', 'file:///%zz'],
      ['withoutMap', '/nowhere/x.js'],
      ['withoutMap', directory],
      ['withoutMap', '/dev/zero'],
      ['missingMap', at(named)],
      ['missingMap', at('//# sourceMappingURL=https://example.com/x.map')],
      ['missingMap', at('//# sourceMappingURL=data:,%zz')],
      ['corruptMap', at(named, { 'x.map': '' })],
      ['corruptMap', at(named, { 'x.map': 'null' })],
      ['corruptMap', at(named, { 'x.map': mapOf().slice(0, -5) })],
      ['corruptMap', at(named, { 'x.map': mapOf({ version: 2 }) })],
      ['corruptMap', at(named, { 'x.map': mapOf({ mappings: 'AA@A' }) })],
      ['corruptMap', at(named, { 'x.map': mapOf({ mappings: undefined }) })],
      ['corruptMap', at(named, { 'x.map': mapOf({ sources: 7 }) })],
      ['corruptMap', at(named, { 'x.map': JSON.stringify({ version: 3, sections: [{}] }) })],
      ['corruptMap', at(named, { 'x.map': sectionAt(1e9, 0) })],
      ['unmapped', at(named, { 'x.map': mapOf({ sources: [null] }) })],
      ['unmapped', at(named, { 'x.map': sectionAt(0, 0, { sources: [null] }) })],
      ['unmapped', at(named, { 'x.map': sectionAt(1, 0) })],
    ];
    for (const [reason, script] of cases) {
      const lookup = sourceMapLookup();
      assert.equal(lookup(script, 1, 5), undefined, script);
      assert.deepEqual(lookup.counts, { ...NOTHING, [reason]: 1 }, script);
    }
  });

  it('never throws, whatever the map contains', () => {
    const mappings = fc
      .array(fc.constantFrom(...'AACCDgg+/,;;'), { maxLength: 40 })
      .map((all) => all.join(''));
    const map = fc.record(
      {
        version: fc.constantFrom(3, 3, 3, '3'),
        sources: fc.oneof(fc.jsonValue(), fc.constant(['x.ts', null, 7])),
        names: fc.oneof(fc.jsonValue(), fc.constant(['n', null])),
        mappings: fc.oneof(
          { weight: 5, arbitrary: mappings },
          { weight: 1, arbitrary: fc.jsonValue() },
        ),
        sourceRoot: fc.constantFrom('', '/', 'a', 7, null),
      },
      { requiredKeys: ['version', 'mappings'] },
    );
    fc.assert(
      fc.property(map, fc.nat(3), fc.nat(30), (payload, line, column) => {
        const lookup = sourceMapLookup();
        const script = write({ 'x.js': inline(JSON.stringify(payload)) });
        const found = lookup(script, line, column);
        assert.ok(found === undefined || (found.line >= 1 && typeof found.file === 'string'));
        assert.equal(
          Object.values(lookup.counts).reduce((a, b) => a + b),
          1,
        );
      }),
    );
  });

  it('reads a script once, and drops the least recently used ones above maxCacheBytes', () => {
    const text = inline(mapOf({ filler: 'x'.repeat(5_000) }));
    const [a, b, c] = [1, 2, 3].map(() => write({ 'x.js': text }));
    const known = (
      lookup: ReturnType<typeof sourceMapLookup>,
      script: string | undefined,
    ): boolean => lookup(script!, 1, 5) !== undefined;
    // There is room for two scripts.
    const small = sourceMapLookup({ maxCacheBytes: 30_000 });
    const large = sourceMapLookup();
    for (const lookup of [small, large]) {
      for (const script of [a, b, a, c]) assert.ok(known(lookup, script));
    }
    for (const script of [a, b, c]) writeFileSync(script!, 'f()');
    assert.deepEqual(
      [a, b, c].map((script) => known(large, script)),
      [true, true, true],
    );
    assert.deepEqual(
      [a, c, b].map((script) => known(small, script)),
      [true, true, false],
    );
  });

  it('does not read a script or map larger than maxCacheBytes, and refuses a bad limit', () => {
    const script = write({
      'x.js': '    f()\n//# sourceMappingURL=x.map',
      'x.map': mapOf({ filler: 'x'.repeat(500) }),
    });
    const lookup = sourceMapLookup({ maxCacheBytes: 400 });
    assert.equal(lookup(script, 1, 5), undefined);
    assert.deepEqual(lookup.counts, { ...NOTHING, missingMap: 1 });
    assert.equal(sourceMapLookup({ maxCacheBytes: 0 })(script, 1, 5), undefined);
    assert.throws(() => sourceMapLookup({ maxCacheBytes: -1 }), /maxCacheBytes must be an integer/);
    assert.throws(() => sourceMapLookup({ cache: 1 } as object), /sourceMapLookup\.cache/);
  });
});

const NOTHING = { mapped: 0, withoutMap: 0, missingMap: 0, corruptMap: 0, unmapped: 0 };

/**
 * Profiles the function `all` of a script, and returns a frame for each function with V8's line and
 * column. Repeats until all of `names` were sampled: a sample during garbage collection has no
 * function.
 */
function profileRun(script: string, names: readonly string[]) {
  const options = { samplingIntervalMicros: 1_009, bufferMillis: 30_000, fair: true };
  const sampler = new DatadogSampler(createLabelStorage().frameStorage, options);
  const { all } = createRequire(__filename)(script) as { all: (burn: () => void) => void };
  sampler.start(options);
  const frames: FrameSpec[] = [];
  const isMet = (name: string): boolean =>
    frames.some((frame) => frame.name === name || frame.name === `set ${name}`);
  for (let round = 0; round < 20 && !names.every(isMet); round++) {
    all(() => burnSamples(3, sampler));
    const pending: CallNode[] = [sampler.rotate(options).root];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      pending.push(...node.children);
      const { name = '', scriptName: file, lineNumber: line = 0, columnNumber: column = 0 } = node;
      if (file === script) frames.push({ name, file, line, column });
    }
  }
  sampler.stop();
  return { frames, samples: frames.map((frame) => ({ stack: [frame], values: [1] })) };
}
