export { openWorkers } from './recording/openWorkers';
export type { WorkerRecordingOptions, Workers } from './recording/openWorkers';
export type { WorkerRecording } from './recording/WorkerRecording';
export type { RecordingKind } from './workers/messages';
export type { WorkerThread } from './workers/WorkerRegistry';
