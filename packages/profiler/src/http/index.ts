export { createPprofHandler } from './createPprofHandler';
export type { PprofHandler, PprofHandlerOptions } from './createPprofHandler';
export type { Authorize } from './accessControl';
