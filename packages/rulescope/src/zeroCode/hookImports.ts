import * as nodeModule from 'node:module';
import { pathToFileURL } from 'node:url';
import type { RuleAdapter } from '../adapters';

/** What we use of `import-in-the-middle`. */
interface Hook {
  applyOptions(options: HookOptions): void;
  readonly resolveSync: unknown;
  readonly loadSync: unknown;
}
interface HookOptions {
  readonly include: readonly (string | RegExp)[];
}
type CreateHook = (meta: { readonly url: string }) => Hook;

/**
 * Lets the adapters change what an application imports as ES modules. What is required, also by a
 * package that an ES module imports, needs no hook.
 *
 * The hook is an instance of its own, and it touches only the files that an adapter changes. So it
 * neither disturbs nor needs the hook of another instrumentation, whichever comes first.
 */
export function hookImports(adapters: readonly RuleAdapter[]): void {
  const include = adapters
    .flatMap((adapter) => adapter.getModuleDefinitions())
    .flatMap(({ name, patch, files }) => [
      ...(patch === undefined ? [] : [name]),
      ...files.map((file) => new RegExp(`/${file.name.replaceAll('.', '\\.')}$`)),
    ]);
  if (include.length === 0) return;
  // The copy that the base class of the adapters uses: only that one calls them.
  const load = nodeModule.createRequire(require.resolve('@opentelemetry/instrumentation'));
  const url = `${pathToFileURL(load.resolve('import-in-the-middle/hook.mjs')).href}?rulescope`;
  if (hookInThread(load, url, { include })) return;
  // This hook has a thread of its own, in which Node.js loads the files of `--require` once more. An
  // SDK among them would start there too, and take the port of the application's SDK.
  if (!requiresFiles()) nodeModule.register(url, { data: { include } });
}

function requiresFiles(): boolean {
  const options = [...process.execArgv, process.env['NODE_OPTIONS']].join(' ');
  return /(^| )(-r|--require)\b/.test(options);
}

/**
 * Hooks imports in this thread. Returns false if this Node.js cannot do that well: then a hook needs
 * a thread of its own, which is deprecated where this works.
 */
function hookInThread(load: NodeJS.Require, url: string, options: HookOptions): boolean {
  // Our types of Node.js are older.
  const { registerHooks } = nodeModule as { registerHooks?: (hooks: object) => void };
  if (registerHooks === undefined || !supportsSyncHooks(load)) return false;
  const { createHook } = load('import-in-the-middle/create-hook.mjs') as { createHook: CreateHook };
  const hook = createHook({ url });
  hook.applyOptions(options);
  registerHooks({ resolve: hook.resolveSync, load: hook.loadSync });
  return true;
}

/** Asks the package. Its older versions have no such file, and no such hook. */
function supportsSyncHooks(load: NodeJS.Require): boolean {
  try {
    const file = load('import-in-the-middle/supports-sync-hooks.mjs') as {
      supportsSyncHooks: () => boolean;
    };
    return file.supportsSyncHooks();
  } catch {
    return false;
  }
}
