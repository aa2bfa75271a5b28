import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import js from '@eslint/js';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

const NATIVE = {
  group: ['@datadog/pprof', '@datadog/pprof/*'],
  message: 'Only packages/profiler/src/native may load the native sampler.',
};
const SDK = {
  group: [
    '@opentelemetry/sdk-*',
    '@opentelemetry/exporter-*',
    '@opentelemetry/context-async-hooks',
  ],
  message: 'Import only the OpenTelemetry API in src. The user chooses the SDK.',
};
/** What the two files with the SDK's types may do. */
const SDK_VALUES = { ...SDK, allowTypeImports: true };
const OTEL = {
  group: ['@opentelemetry/*'],
  message: 'The profiler must not import OpenTelemetry.',
};
const PACKAGES = join(import.meta.dirname, 'packages');
/** The subpaths in the `exports` of our packages, such as `@rulescope/profiler/pprof`. */
const SUBPATHS = readdirSync(PACKAGES).flatMap((directory) => {
  const manifest = readFileSync(join(PACKAGES, directory, 'package.json'), 'utf8');
  const { name, exports } = JSON.parse(manifest);
  return Object.keys(exports ?? {})
    .filter((subpath) => subpath !== '.')
    .map((subpath) => `${name}${subpath.slice(1)}`);
});
const DEEP = {
  group: ['@rulescope/*/*', 'rulescope/*', ...SUBPATHS.map((subpath) => `!${subpath}`)],
  message: 'Import a package by its name or a declared subpath, not its files.',
};
const OWN_NAME = {
  group: ['@rulescope/profiler', '@rulescope/profiler/*'],
  message: 'Import the files of the own package by their path, so that the layers hold.',
};
const INTERNAL = {
  group: ['@rulescope/*/internal', '@rulescope/*/internal/*'],
  message: 'Only the other packages and the tests of packages may import internals.',
};
const sibling = (...names) => ({
  group: names,
  message:
    'instrumentation and exporter must not import each other; profiler must not import either.',
});
const ADAPTERS = {
  group: ['@opentelemetry/instrumentation', './adapters/*'],
  message: 'Only adapters patch libraries. Nothing else may load them.',
};
const OTHERS = {
  regex: '^(?!node:|\\.)',
  message: 'fair-sampling may import only Node.js modules.',
};

/**
 * The layers of the profiler: each folder and the other folders that it may import, types included.
 * ARCHITECTURE.md describes them.
 */
const BELOW_COLLECTOR = ['sampler', 'native', 'labels', 'slot', 'model', 'base'];
const BELOW_THREAD = ['workers', 'collector', ...BELOW_COLLECTOR];
const PPROF = ['pprof', 'attribution', 'model', 'base'];
const READERS = ['thread', ...BELOW_THREAD, ...PPROF];
export const LAYERS = {
  base: [],
  model: ['base'],
  slot: ['model', 'base'],
  labels: ['slot', 'model', 'base'],
  native: ['labels', 'slot', 'model', 'base'],
  sampler: BELOW_COLLECTOR,
  collector: BELOW_COLLECTOR,
  workers: BELOW_THREAD,
  thread: BELOW_THREAD,
  attribution: ['model', 'base'],
  pprof: PPROF,
  report: PPROF,
  heap: READERS,
  lines: READERS,
  recording: ['heap', 'lines', ...READERS],
  http: ['recording', 'heap', 'lines', 'report', ...READERS],
  datadog: ['heap', 'lines', ...READERS],
  'index.ts': ['recording', 'thread', 'attribution', 'collector', 'sampler', 'model', 'base'],
  'pprof.ts': ['pprof'],
  'report.ts': ['report'],
  'heap.ts': ['heap'],
  'lines.ts': ['lines'],
  'http.ts': ['http'],
  'workers.ts': ['recording', 'workers'],
  'datadog.ts': ['datadog', 'pprof', 'native', 'model'],
  'internal.ts': ['recording', 'thread', 'labels', 'slot', 'model', 'base'],
  'internalFunctions.ts': ['attribution'],
};
export const PROFILER = 'packages/profiler/src';
export const LAYER_ZONES = Object.entries(LAYERS).map(([layer, allowed]) => ({
  target: `./${PROFILER}/${layer}`,
  from: `./${PROFILER}`,
  except: [...new Set([layer, ...allowed])].map((name) => `./${name}`),
  message: `${layer} must not import this folder; see the layers in ARCHITECTURE.md.`,
}));

/** [files, patterns they must not import]: the import rules of ARCHITECTURE.md. */
const IMPORT_RULES = [
  ['packages/fair-sampling/src/**', [OTHERS]],
  [
    'packages/profiler/src/**',
    [
      NATIVE,
      OTEL,
      OWN_NAME,
      sibling('@rulescope/instrumentation', '@rulescope/exporter', 'rulescope'),
    ],
  ],
  [
    'packages/instrumentation/src/**',
    [NATIVE, SDK, DEEP, sibling('@rulescope/exporter', 'rulescope')],
  ],
  [
    'packages/instrumentation/src/!(adapters).ts',
    [NATIVE, SDK, DEEP, sibling('@rulescope/exporter', 'rulescope'), ADAPTERS],
  ],
  [
    'packages/exporter/src/**',
    [NATIVE, SDK, DEEP, sibling('@rulescope/instrumentation', 'rulescope')],
  ],
  ['packages/exporter/src/sdkTypes.ts', [NATIVE, SDK_VALUES, DEEP]],
  ['packages/rulescope/src/*', [NATIVE, SDK, DEEP, INTERNAL]],
  ['packages/rulescope/src/zeroCode/**', [NATIVE, SDK, DEEP]],
  ['packages/rulescope/src/zeroCode/MetricsServer.ts', [NATIVE, SDK_VALUES, DEEP]],
  ['packages/*/test/**/*.ts', [DEEP]],
  ['{examples,test}/**/*.ts', [DEEP, INTERNAL]],
];

/** Pure logic: no clocks, timers, environment or global state. */
const PURE = [
  'packages/profiler/src/attribution/**',
  'packages/profiler/src/report/!(readScript).ts',
  'packages/profiler/src/model/**',
  'packages/profiler/src/pprof/**',
  'packages/exporter/src/{RuleSeries,Series,SeriesPlaces,ThreadRates,CpuLedger,SamplerStates,RuleAccounts,ProducedMetrics,CloseDurations,observe}.ts',
];
const IMPURE = [
  'Date',
  'performance',
  'process',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'globalThis',
  'global',
];

/** How a file could get past the rules about imports. */
const LATE_LOADING = [
  {
    selector: 'ImportExpression',
    message: 'Import statically, or require a file of this package.',
  },
  {
    selector: "CallExpression[callee.name='require'][arguments.0.value=/^[^.]/]",
    message: 'Import statically, or require a file of this package.',
  },
];
const IMPURE_MODULES = {
  selector: 'ImportDeclaration[source.value=/^node:(?!path$|url$|util$)/]',
  message: 'Pure code may import node:path, node:url and node:util only.',
};

export default tseslint.config(
  { ignores: ['**/build/**', '.cache/**', '**/node_modules/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [
        createTypeScriptImportResolver({ noWarnOnMultipleProjects: true }),
      ],
    },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': [
        'error',
        { basePath: import.meta.dirname, zones: LAYER_ZONES },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { varsIgnorePattern: '^_', argsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
    },
  },
  ...IMPORT_RULES.map(([files, patterns]) => ({
    files: [files],
    ignores: ['packages/profiler/src/native/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns }] },
  })),
  {
    files: ['packages/*/src/**'],
    // Each of these loads one module late and says why.
    ignores: [
      'packages/profiler/src/{native/*,sampler/FairStart,sampler/OtherProfiles,lines/InspectorSampler}.ts',
      'packages/fair-sampling/src/loadAddon.ts',
    ],
    rules: { 'no-restricted-syntax': ['error', ...LATE_LOADING] },
  },
  {
    files: ['packages/*/src/**'],
    rules: { 'import-x/no-relative-packages': 'error' },
  },
  {
    files: ['packages/profiler/src/**'],
    ignores: ['packages/profiler/src/slot/**'],
    rules: { 'no-restricted-globals': ['error', 'globalThis', 'global'] },
  },
  {
    files: ['packages/profiler/src/http/!(createPprofHandler).ts'],
    rules: { 'no-restricted-globals': ['error', ...IMPURE] },
  },
  {
    files: PURE,
    rules: {
      'no-restricted-globals': ['error', ...IMPURE],
      'no-restricted-syntax': ['error', ...LATE_LOADING, IMPURE_MODULES],
    },
  },
  {
    files: ['{packages/*/test,test}/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [{ from: 'package', package: 'mocha', name: ['it', 'describe'] }],
        },
      ],
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['**/*.mjs', '**/*.js', '**/*.cjs'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'process',
          'setTimeout',
          'clearTimeout',
          'console',
          'performance',
          'document',
          'EventSource',
          'addEventListener',
          'fetch',
          'URL',
          'Response',
          'setImmediate',
          'AbortSignal',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
);
