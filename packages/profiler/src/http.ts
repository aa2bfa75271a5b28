export { createPprofHandler } from './http/createPprofHandler';
export type { PprofHandler, PprofHandlerOptions } from './http/createPprofHandler';
export type { Authorize } from './http/accessControl';
