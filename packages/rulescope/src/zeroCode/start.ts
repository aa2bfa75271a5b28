import { realpathSync } from 'node:fs';
import { isMainThread, parentPort } from 'node:worker_threads';
import { diag } from '@opentelemetry/api';
import { RuleMetrics } from '@rulescope/exporter';
import { RuleInstrumentation } from '@rulescope/instrumentation';
import { isSdkDisabled, perThread, slotKey, toError, warnOnce } from '@rulescope/profiler/internal';
import { type Settings, readEnvironment } from './environment';
import { hookImports } from './hookImports';
import { loadAdapters } from './loadAdapters';
import { serveWithoutSdk } from './serveWithoutSdk';

/** All copies of this package in a thread start once. */
const STARTED = slotKey<true>('register', 1);

/**
 * The main files of package managers. They run the application in a process of its own, so they must
 * leave the port free.
 */
const PACKAGE_MANAGERS =
  /[/\\](npm|pnpm|yarn|corepack)[/\\].*(bin|dist|lib)[/\\](npm|npx|pnpm|pnpx|yarn|corepack)(-cli)?\.c?js$/;

/**
 * Starts what the environment asks for, once per thread. Never throws: if something is wrong, a
 * warning on stderr (code `RULESCOPE_OFF`) says so, and the application goes on.
 *
 * A worker only labels its samples. The metrics of the main thread include its workers.
 */
export function start(variables: NodeJS.ProcessEnv): void {
  if (isSdkDisabled() || !runsApplication()) return;
  perThread(STARTED, () => {
    try {
      startThread(variables);
    } catch (error) {
      warnOfFailure(error);
    }
    return true;
  });
}

/** Node.js preloads files also into its own thread for loader hooks, which has no parent port. */
function runsApplication(): boolean {
  if (!isMainThread) return parentPort !== null;
  try {
    return !PACKAGE_MANAGERS.test(realpathSync(process.argv[1] ?? ''));
  } catch {
    return true;
  }
}

function startThread(variables: NodeJS.ProcessEnv): void {
  const library = loadAdapters();
  const settings = readEnvironment(variables, library?.ADAPTER_NAMES);
  warnOfUnknown(settings.unknown);
  if (!settings.enabled) return;
  new RuleInstrumentation(settings.instrumentation);
  if (isMainThread) {
    serveWithoutSdk(new RuleMetrics(settings.metrics), settings).catch(warnOfFailure);
  }
  if (settings.adapters === false) return;
  if (library === undefined) warnOfMissingAdapters();
  else hookImports(library.ruleAdapters(settings.adapters));
}

function warnOfFailure(error: unknown): void {
  const message = `rulescope/register does not work: ${toError(error).message}`;
  diag.error(message, error);
  warnOnce(message, 'RULESCOPE_OFF');
}

function warnOfUnknown(unknown: Settings['unknown']): void {
  if (unknown.length === 0) return;
  const names = unknown.map(({ name, nearest }) => `${name} (the nearest is ${nearest})`);
  warnOnce(
    `rulescope: these environment variables do not exist: ${names.join(', ')}`,
    'RULESCOPE_UNKNOWN_VARIABLE',
  );
}

function warnOfMissingAdapters(): void {
  warnOnce(
    'rulescope: no adapter names the rules of libraries, because a package is missing: ' +
      'npm install @opentelemetry/instrumentation, or set RULESCOPE_ADAPTERS=none',
    'RULESCOPE_NO_ADAPTERS',
  );
}
