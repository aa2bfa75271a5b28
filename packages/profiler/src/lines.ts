export { startLineProfile } from './lines/startLineProfile';
export type { LineProfileOptions, LineProfileRun } from './lines/startLineProfile';
