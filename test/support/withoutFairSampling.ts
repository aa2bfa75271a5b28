/** Preload this file to run a program as if `@rulescope/fair-sampling` were not installed. */
import Module from 'node:module';

type Resolve = (this: unknown, request: string, ...rest: unknown[]) => string;

const internals = Module as unknown as { _resolveFilename: Resolve };
const resolve = internals._resolveFilename;
internals._resolveFilename = function (request, ...rest) {
  if (request === '@rulescope/fair-sampling') throw new Error(`Cannot find module '${request}'`);
  return resolve.call(this, request, ...rest);
};
