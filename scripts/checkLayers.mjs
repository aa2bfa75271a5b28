/**
 * Checks the layers of the profiler and their lint rule (eslint.config.mjs): each folder has a
 * layer, the layers form no cycle, and every forbidden import is an error, also of a type.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import config, { LAYERS, LAYER_ZONES, PROFILER } from '../eslint.config.mjs';
import { ROOT } from './lib/install.mjs';

const failures = [
  ...foldersWithoutLayer(),
  ...Object.keys(LAYERS).flatMap((layer) => cycleThrough(layer)),
  ...(await findWrongResults()),
];
for (const failure of failures) console.error(failure);
process.exitCode = failures.length === 0 ? 0 : 1;

function foldersWithoutLayer() {
  const entries = readdirSync(join(ROOT, PROFILER), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && LAYERS[entry.name] === undefined)
    .map(({ name }) => `${PROFILER}/${name} has no layer in eslint.config.mjs`);
}

function cycleThrough(layer, at = layer, path = [layer]) {
  for (const below of LAYERS[at] ?? []) {
    if (below === layer && at !== layer)
      return [`layers form a cycle: ${[...path, layer].join(' > ')}`];
    if (path.includes(below)) continue;
    const found = cycleThrough(layer, below, [...path, below]);
    if (found.length > 0) return found;
  }
  return [];
}

/** Lints an import of every folder from every other folder. Returns the wrong results. */
async function findWrongResults() {
  const { settings, plugins } = config.find(({ settings }) => settings?.['import-x/resolver-next']);
  const eslint = new ESLint({
    cwd: ROOT,
    overrideConfigFile: true,
    overrideConfig: {
      files: ['**/*.ts'],
      languageOptions: { parser: tseslint.parser },
      settings,
      plugins,
      rules: { 'import-x/no-restricted-paths': ['error', { basePath: ROOT, zones: LAYER_ZONES }] },
    },
  });
  const folders = Object.keys(LAYERS).filter((name) => !name.endsWith('.ts'));
  const wrong = [];
  for (const layer of folders) {
    for (const other of folders.filter((name) => name !== layer)) {
      const [file] = readdirSync(join(ROOT, PROFILER, other)).filter((name) =>
        name.endsWith('.ts'),
      );
      const text = `import type { T } from '../${other}/${file.replace(/\.ts$/, '')}';\n`;
      const filePath = join(ROOT, PROFILER, layer, 'probe.ts');
      const [{ errorCount, messages }] = await eslint.lintText(text, { filePath });
      const allowed = LAYERS[layer].includes(other);
      if ((errorCount === 0) !== allowed) {
        const output = messages.map(({ message }) => message).join('; ') || 'nothing';
        wrong.push(
          `${layer} imports ${other}, which is ${allowed ? '' : 'not '}allowed; the linter reports: ${output}`,
        );
      }
    }
  }
  return wrong;
}
