/** Does for hot functions what `internal.ts` does for everything else. They are off by default. */
export { type FunctionCpu, attributeFunctions } from './attribution/attributeFunctions';
