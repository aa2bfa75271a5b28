/**
 * Checks that `eslint.config.mjs` keeps the layers and packages apart: the layers form no cycle, each
 * folder has one, and a wrong import of each kind is an error under the rules that really apply to
 * the file.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import config, { LAYERS, PROFILER } from '../eslint.config.mjs';
import { ROOT } from './lib/install.mjs';

/** Lines that must be refused, each at the end of a file. */
const WRONG_LINES = [
  [`${PROFILER}/model/timeline.ts`, `import '@rulescope/profiler/http';`],
  [`${PROFILER}/model/timeline.ts`, `import '@rulescope/profiler';`],
  [`${PROFILER}/model/timeline.ts`, `import 'node:fs';`],
  [`${PROFILER}/model/timeline.ts`, `setTimeout(() => undefined, 1);`],
  [`${PROFILER}/labels/LabelStorage.ts`, `globalThis.x = 1;`],
  [`${PROFILER}/thread/threadLabels.ts`, `import '@opentelemetry/api';`],
  [`${PROFILER}/thread/threadLabels.ts`, `import '@rulescope/exporter';`],
  [`${PROFILER}/thread/threadLabels.ts`, `import '@datadog/pprof';`],
  [`${PROFILER}/thread/threadLabels.ts`, `void import('@datadog/pprof');`],
  [`${PROFILER}/thread/threadLabels.ts`, `require('@datadog/pprof');`],
  ['packages/exporter/src/RuleMetrics.ts', `import '../../profiler/src/http/server';`],
  ['packages/exporter/src/RuleMetrics.ts', `import '@rulescope/profiler/build/src/index';`],
  ['packages/exporter/src/RuleMetrics.ts', `import '@opentelemetry/sdk-metrics';`],
  ['packages/exporter/src/RuleMetrics.ts', `void import('@opentelemetry/sdk-metrics');`],
  ['packages/exporter/src/RuleMetrics.ts', `import '@rulescope/instrumentation';`],
  ['packages/exporter/src/sdkTypes.ts', `import '@opentelemetry/sdk-metrics';`],
  ['packages/exporter/src/RuleMetrics.ts', `import type {} from '@opentelemetry/sdk-metrics';`],
  ['packages/instrumentation/src/rule.ts', `import '@rulescope/exporter';`],
  ['packages/instrumentation/src/rule.ts', `import '@opentelemetry/instrumentation';`],
  ['packages/instrumentation/src/index.ts', `import './adapters/RuleAdapter';`],
  ['packages/rulescope/src/index.ts', `import '@rulescope/profiler/internal';`],
  ['packages/rulescope/src/register.ts', `import '@rulescope/profiler/internal';`],
  ['packages/rulescope/src/zeroCode/start.ts', `import type {} from '@opentelemetry/sdk-metrics';`],
  ['packages/rulescope/src/zeroCode/MetricsServer.ts', `import '@opentelemetry/sdk-metrics';`],
  ['packages/rulescope/src/zeroCode/start.ts', `require('@opentelemetry/sdk-metrics');`],
  ['packages/fair-sampling/src/index.ts', `import 'pprof-format';`],
];

/** The rules about imports and globals. They need no types, so a probe of them is fast. */
const RULES = /^(import-x\/no-re|no-restricted-)/;

const eslint = new ESLint({ cwd: ROOT });
const { settings, plugins } = config.find((entry) => entry.settings?.['import-x/resolver-next']);
const failures = [
  ...withoutLayer(),
  ...Object.keys(LAYERS).flatMap((layer) => cycleThrough(layer)),
  ...(await wrongLayers()),
  ...(await wrongLines()),
];
for (const failure of failures) console.error(failure);
process.exitCode = failures.length === 0 ? 0 : 1;

function withoutLayer() {
  return readdirSync(join(ROOT, PROFILER))
    .filter((name) => LAYERS[name] === undefined)
    .map((name) => `${PROFILER}/${name} has no layer in eslint.config.mjs`);
}

function cycleThrough(layer, at = layer, path = [layer]) {
  for (const below of LAYERS[at] ?? []) {
    if (below === layer && at !== layer) {
      return [`layers form a cycle: ${[...path, layer].join(' > ')}`];
    }
    if (path.includes(below)) continue;
    const found = cycleThrough(layer, below, [...path, below]);
    if (found.length > 0) return found;
  }
  return [];
}

/** Lints a type import of each folder in each folder. */
async function wrongLayers() {
  const folders = Object.keys(LAYERS).filter((name) => !name.endsWith('.ts'));
  const wrong = [];
  for (const layer of folders) {
    for (const other of folders.filter((name) => name !== layer)) {
      const line = `import type { T } from '../${other}/${fileOf(other)}';`;
      const messages = await lint(`${PROFILER}/${layer}/${fileOf(layer)}.ts`, line);
      const allowed = LAYERS[layer].includes(other);
      if ((messages.length === 0) !== allowed) {
        wrong.push(
          `${layer} imports ${other}, which is ${allowed ? '' : 'not '}allowed: ESLint reports ` +
            (messages.join('; ') || 'nothing'),
        );
      }
    }
  }
  return wrong;
}

async function wrongLines() {
  const wrong = [];
  for (const [file, line] of WRONG_LINES) {
    const messages = await lint(file, line);
    if (messages.length === 0)
      wrong.push(`${file} may not contain ${line}: ESLint reports nothing`);
  }
  return wrong;
}

function fileOf(folder) {
  const [file] = readdirSync(join(ROOT, PROFILER, folder)).filter((name) => name.endsWith('.ts'));
  return file.replace(/\.ts$/, '');
}

/** Returns what the rules for `file` report about `text`. */
async function lint(file, text) {
  const { rules } = await eslint.calculateConfigForFile(join(ROOT, file));
  const probe = new ESLint({
    cwd: ROOT,
    overrideConfigFile: true,
    overrideConfig: {
      files: ['**/*.ts'],
      languageOptions: {
        parser: tseslint.parser,
        globals: { setTimeout: 'readonly', globalThis: 'readonly', require: 'readonly' },
      },
      settings,
      plugins,
      rules: Object.fromEntries(Object.entries(rules).filter(([name]) => RULES.test(name))),
    },
  });
  const [{ messages }] = await probe.lintText(`${text}\n`, { filePath: join(ROOT, file) });
  return messages.map(({ message }) => message);
}
