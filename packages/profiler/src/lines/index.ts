export { startLineProfile } from './startLineProfile';
export type { LineProfileOptions, LineProfileRun } from './startLineProfile';
