/** Writes the generated files of `dashboards`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedFiles } from './files';

const DASHBOARDS = join(__dirname, '..', '..');

for (const [path, content] of generatedFiles()) {
  const file = join(DASHBOARDS, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  console.log(`dashboards/${path}`);
}
