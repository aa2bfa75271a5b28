/**
 * `npm run dashboards`: writes the generated files of `dashboards`.
 *
 *     npm run dashboards -- picture   draws the data of each panel as dashboards/picture.png
 */
import { join } from 'node:path';
import { ROOT, build, installDebianPackages, installPackages } from './lib/install.mjs';
import { must } from './lib/run.mjs';

const [what, ...others] = process.argv.slice(2);
if (others.length > 0 || (what !== undefined && what !== 'picture')) {
  console.error(`the argument must be picture or absent; got ${[what, ...others].join(' ')}`);
  process.exit(2);
}

await installPackages(ROOT);
await build();
await must(process.execPath, [join(ROOT, 'dashboards/build/src/main.js')]);
if (what === 'picture') {
  await installDebianPackages(['prometheus', 'chromium', 'fonts-dejavu-core']);
  await must(process.execPath, [join(ROOT, 'test/build/picture/main.js')]);
}
