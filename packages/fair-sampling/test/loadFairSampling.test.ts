import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ADDON_FILES } from '../src/loadAddon';
import { PACKAGE } from './support/binaries';

const INDEX = JSON.stringify(join(PACKAGE, 'build/src/index.js'));

/** Runs a script in a new process. Returns the text that it prints. */
function evaluate(script: string, ...flags: string[]): string {
  return execFileSync(process.execPath, [...flags, '--eval', script], { encoding: 'utf8' });
}

/** Returns the error of loading under the given flags of Node.js. */
function failureUnder(...flags: string[]): string {
  return evaluate(
    `const { loadFairSampling, FairSamplingUnavailableError } = require(${INDEX});
     try {
       loadFairSampling();
     } catch (error) {
       process.stdout.write(\`\${error instanceof FairSamplingUnavailableError}: \${error.message}\`);
     }`,
    '--no-warnings',
    ...flags,
  );
}

const PLACE = `${process.platform}-${process.arch}`;

describe('loadFairSampling', () => {
  it('loads native code once, at its first call and not at import', () => {
    const calls = evaluate(
      `const files = [];
       const { dlopen } = process;
       process.dlopen = (module, file) => (files.push(file), dlopen(module, file));
       const { loadFairSampling } = require(${INDEX});
       const counts = [files.length];
       const loaded = loadFairSampling();
       counts.push(files.length);
       if (loadFairSampling() !== loaded) throw new Error('loaded twice');
       process.stdout.write(JSON.stringify({ files, counts: [...counts, files.length] }));`,
    );
    const { files, counts } = JSON.parse(calls) as { files: string[]; counts: number[] };
    assert.deepEqual(files, ADDON_FILES.slice(0, files.length));
    assert.deepEqual(counts, [0, files.length, files.length]);
    assert.ok(files.length > 0);
  });

  it('throws the cause under --no-addons', () => {
    const failure = failureUnder('--no-addons');
    assert.match(failure, new RegExp(`^true: .* does not load on ${PLACE}: .*addons is disabled`));
  });

  it('throws the cause under the permission model', () => {
    const node20 = process.versions.node.startsWith('20.');
    const flag = node20 ? '--experimental-permission' : '--permission';
    const failure = failureUnder(flag, '--allow-fs-read=*');
    assert.match(failure, new RegExp(`^true: .* does not load on ${PLACE}: .*addons is disabled`));
  });
});
