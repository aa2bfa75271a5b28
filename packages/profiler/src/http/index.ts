export { createPprofHandler } from './createPprofHandler';
export type { PprofHandler } from './assembleHandler';
export type { PprofHandlerOptions } from './options';
export type { Authorize } from './Gate';
