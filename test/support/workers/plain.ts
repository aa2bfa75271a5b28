/** A worker that knows nothing of rulescope. Says what it finds of it, and ends. */
import { parentPort } from 'node:worker_threads';
import { work } from './work';

work(50);
parentPort!.postMessage({
  symbols: Object.getOwnPropertySymbols(globalThis)
    .map(String)
    .filter((name) => name.includes('rulescope')),
  /** This file, and the one with the work. */
  modules: Object.keys(require.cache).length,
});
