import assert from 'node:assert/strict';
import { diag } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import type { InstrumentationModuleDefinition } from '@opentelemetry/instrumentation';
import { type AdapterConfig, type LibraryFile, RuleAdapter } from '../../src/adapters/RuleAdapter';
import { getRule } from '../../src/rule';
import { LogSpy } from '../support/LogSpy';
import { cleanGlobals, register } from '../support/globals';

interface TestConfig extends AdapterConfig {
  readonly ruleOf?: () => string;
}

let patches = 0;

class TestAdapter extends RuleAdapter<TestConfig> {
  constructor(config: TestConfig = {}) {
    super('test', config, ['ruleOf']);
  }
  protected override files(): LibraryFile<never>[] {
    return [
      {
        library: 'test',
        versions: ['*'],
        patch: (exports: { Engine: { prototype: { run(): void } } }) => {
          patches++;
          this.wrapRule(exports.Engine.prototype, 'run', () => 'r');
        },
      },
    ];
  }
  override init = super.init.bind(this);
}

/** Loads a copy of the library. Returns what the application gets. */
function load(adapter: TestAdapter, exports: object): unknown {
  const [library] = adapter.init() as [InstrumentationModuleDefinition];
  library.patch?.(exports);
  return library.patch?.(exports);
}

describe('RuleAdapter', () => {
  cleanGlobals();
  beforeEach(() => void register(new AsyncLocalStorageContextManager()));

  it('changes each copy of a library once, however often it is enabled', () => {
    const exports = { Engine: class { run(): void {} } }; // prettier-ignore
    const before = patches;
    assert.equal(load(new TestAdapter(), exports), exports);
    assert.equal(patches, before + 1);
  });

  it('lets a library load that it does not know, and says so', () => {
    const log = new LogSpy();
    diag.setLogger(log);
    const exports = {};
    assert.equal(load(new TestAdapter(), exports), exports);
    // The diagnostics of OpenTelemetry name the component first.
    assert.deepEqual(log.warnings, ['@rulescope/instrumentation/test']);
  });

  it('checks its options in the constructor and later', () => {
    const adapter = new TestAdapter();
    for (const set of [
      (config: object) => new TestAdapter(config),
      (config: object) => adapter.setConfig(config),
    ]) {
      assert.throws(
        () => set({ enabled: 1 }),
        /^InvalidOptionError: enabled must be true or false/,
      );
      assert.throws(() => set({ ruleOf: 'r' }), /ruleOf must be a function; got "r"/);
      assert.throws(() => set({ rule: 'r' }), /AdapterConfig.rule must be omitted \(known options: enabled, ruleOf\)/); // prettier-ignore
    }
  });

  it('stays off with enabled: false until it is enabled', () => {
    const adapter = new TestAdapter({ enabled: false });
    assert.equal(adapter.getConfig().enabled, false);
    adapter.enable();
    assert.equal(adapter.getConfig().enabled, true);
  });

  it('goes on and off with setConfig', () => {
    const adapter = new TestAdapter({ enabled: false });
    adapter.setConfig({ enabled: true });
    assert.equal(adapter.getConfig().enabled, true);
    adapter.setConfig({ enabled: false });
    assert.equal(adapter.getConfig().enabled, false);
    adapter.setConfig({});
    assert.equal(adapter.getConfig().enabled, true);
  });

  it('can be turned on after the application has loaded the library', () => {
    const adapter = new TestAdapter({ enabled: false });
    const library = { Engine: class { run(): string | undefined { return getRule(); } } }; // prettier-ignore
    load(adapter, library);
    assert.equal(new library.Engine().run(), undefined);
    adapter.enable();
    assert.equal(new library.Engine().run(), 'r');
    adapter.disable();
    assert.deepEqual([new library.Engine().run(), adapter.isEnabled()], [undefined, false]);
  });

  it('changes a library that its base class hands over in the constructor', () => {
    // The loader hook does so if an ES module has imported the library before.
    const library = { Engine: class { run(): string | undefined { return getRule(); } } }; // prettier-ignore
    class LateAdapter extends TestAdapter {
      protected override files(): LibraryFile<never>[] {
        const files = super.files();
        files[0]!.patch(library as never);
        return files;
      }
    }
    new LateAdapter();
    assert.equal(new library.Engine().run(), 'r');
  });
});
