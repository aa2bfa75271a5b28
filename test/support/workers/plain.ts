/** A worker without rulescope. Posts the traces of rulescope that it finds, and ends. */
import { parentPort } from 'node:worker_threads';
import { work } from './work';

work(50);
parentPort!.postMessage({
  symbols: Object.getOwnPropertySymbols(globalThis)
    .map(String)
    .filter((name) => name.includes('rulescope')),
  /** Number of loaded modules: this file and `work.ts`. */
  modules: Object.keys(require.cache).length,
});
