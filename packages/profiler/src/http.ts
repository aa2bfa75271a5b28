export { createPprofHandler } from './http/createPprofHandler';
export type { PprofHandler } from './http/createPprofHandler';
export type { PprofHandlerOptions } from './http/options';
export type { Authorize } from './http/accessControl';
