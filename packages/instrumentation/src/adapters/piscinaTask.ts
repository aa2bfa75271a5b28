/** What a thread of Piscina loads and calls for a task that `PiscinaAdapter` gave a rule. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { withRule } from '../rule';
import { setBounded } from '../setBounded';

/** A task with its rule and its own handler. */
export interface CarriedTask {
  readonly rule: string;
  readonly task: unknown;
  readonly filename: string;
  readonly name: string;
}

type Handler = (task: unknown) => unknown;
type Module = Readonly<Record<string, unknown>>;

/** As many as Piscina keeps. */
const MAX_HANDLERS = 1_000;
const handlers = new Map<string, Handler>();

/** Calls the handler of the task in its rule. */
export async function runInRule({ rule, task, filename, name }: CarriedTask): Promise<unknown> {
  const key = `${filename}/${name}`;
  let handler = handlers.get(key);
  if (handler === undefined) {
    handler = await loadHandler(filename, name);
    setBounded(handlers, key, handler, MAX_HANDLERS);
  }
  const loaded = handler;
  return withRule(rule, () => loaded(task));
}

/** Finds the handler where Piscina does. Piscina has loaded the file of the pool by then. */
async function loadHandler(filename: string, name: string): Promise<Handler> {
  const handler = (await required(filename, name)) ?? (await imported(filename, name));
  if (typeof handler === 'function') return handler as Handler;
  throw new Error(`No handler function exported from ${filename}`);
}

/** Returns `undefined` if `require` cannot load the file or it has no such handler. */
async function required(filename: string, name: string): Promise<unknown> {
  try {
    const loaded = createRequire(filename)(filename) as Module;
    const isDefault = name === 'default' && loaded['__esModule'] !== true;
    const handler: unknown = await (isDefault ? loaded : loaded[name]);
    return typeof handler === 'function' ? handler : undefined;
  } catch {
    return undefined;
  }
}

async function imported(filename: string, name: string): Promise<unknown> {
  // eslint-disable-next-line no-restricted-syntax -- a file of the application
  const loaded = (await import(pathToFileURL(filename).href)) as Module;
  return loaded[name];
}
