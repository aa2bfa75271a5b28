import { strict as assert } from 'node:assert';
import { type Printed, runProgram } from '../support/program';

/** Measures rules in two threads for a few windows. */
const PROGRAM = `
  const { RuleInstrumentation, RuleMetrics, withRule } = require('rulescope');
  registerManager();
  const instrumentation = new RuleInstrumentation();
  const rules = new RuleMetrics({ windowMillis: 100 });
  rules.setMeterProvider(new MeterProvider({ readers: [new Reader()] }));
  const worker = new Worker(\`
    const { RuleInstrumentation } = require('rulescope');
    new RuleInstrumentation();
    setTimeout(() => {}, 300);
  \`, { eval: true });
  withRule('a', () => burn(50));
  worker.once('exit', () => { rules.disable(); instrumentation.disable(); json('end'); });
`;

/** Code that makes one \`require\` fail, as in an installation without that part. */
const without = (request: string, code: string, message: string): string => `
  const Module = require('node:module');
  const load = Module._load;
  Module._load = function (name, ...rest) {
    if (!name.startsWith(${JSON.stringify(request)})) return load.call(this, name, ...rest);
    throw Object.assign(new Error(${JSON.stringify(message)}), { code: ${JSON.stringify(code)} });
  };
`;

/** Runs the program where one \`require\` fails in all threads. */
function runWithout(...missing: Parameters<typeof without>): Promise<Printed> {
  const preload = `data:text/javascript,${encodeURIComponent(
    `import { createRequire } from 'node:module'; const require = createRequire('/');${without(...missing)}`,
  )}`;
  return runProgram(PROGRAM, ['--import', preload]);
}

function assertOneWarning({ codes, warnings, json, output }: Printed, wayOut: RegExp): void {
  assert.deepEqual(json, ['end'], output);
  assert.deepEqual(codes, ['RULESCOPE_NO_SAMPLER'], output);
  assert.match(
    warnings[0]!,
    /no CPU is measured: the native part of @datadog\/pprof does not load/,
  );
  assert.match(warnings[0]!, wayOut);
}

describe('a missing native part gives one warning for all threads, with the way out:', () => {
  it('no binary for the platform', async () => {
    const printed = await runWithout('node-gyp-build', '', 'No native build was found');
    assertOneWarning(printed, /No native build was found.*external/);
  });

  it('the package is not installed, or was bundled away', async () => {
    const printed = await runWithout(
      '@datadog/pprof',
      'MODULE_NOT_FOUND',
      "Cannot find module '@datadog/pprof'",
    );
    assertOneWarning(printed, /install it.*make "@datadog\/pprof" external/);
  });

  it('--no-addons', async () => {
    assertOneWarning(await runProgram(PROGRAM, ['--no-addons']), /without --no-addons/);
  });

  it('--permission without --allow-addons', async () => {
    const permission = process.allowedNodeEnvironmentFlags.has('--permission')
      ? '--permission'
      : '--experimental-permission';
    const flags = [permission, '--allow-fs-read=*', '--allow-worker'];
    assertOneWarning(await runProgram(PROGRAM, flags), /--allow-addons/);
    const allowed = await runProgram(PROGRAM, [...flags, '--allow-addons']);
    assert.deepEqual(allowed.codes, [], allowed.output);
  });
});
