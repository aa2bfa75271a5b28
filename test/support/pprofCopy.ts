import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** A second copy of `@datadog/pprof`, as another profiler brings its own. */
export interface PprofCopy {
  /** Folder of the package. */
  readonly folder: string;
  remove(): void;
}

/** Creates a copy of the package that the profiler uses, below folders of the given names. */
export function copyPprof(...folders: string[]): PprofCopy {
  const root = mkdtempSync(join(tmpdir(), 'rulescope-copy-'));
  const modules = join(root, ...folders, 'node_modules');
  const profiler = dirname(require.resolve('@rulescope/profiler/package.json'));
  const platform = `${process.platform}-${process.arch}`;
  for (const name of ['@datadog/pprof', 'node-gyp-build', 'pprof-format']) {
    const original = dirname(require.resolve(`${name}/package.json`, { paths: [profiler] }));
    cpSync(original, join(modules, name), {
      recursive: true,
      filter: (path) => basename(dirname(path)) !== 'prebuilds' || basename(path) === platform,
    });
  }
  return {
    folder: join(modules, '@datadog/pprof'),
    remove: () => rmSync(root, { recursive: true }),
  };
}
