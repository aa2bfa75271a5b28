export { time } from './time';
export type { Time } from './time';
export type { TimeMetrics, TimeState } from './DatadogTime';
export type { TimeProfilerOptions } from './timeOptions';
export { heap } from './heap';
export type { Heap } from './heap';
export type { GenerateLabels as GenerateHeapLabels } from './DatadogHeap';
export { routeDatadogPprof } from './routeDatadogPprof';

export type {
  ColumnNumbers,
  GenerateLabels,
  GenerateTimeLabelsArgs,
  SourceMapper,
  TimeProfileNode,
  TimeProfileNodeContext,
} from '../native/loadNative';
export type {
  AllocationEntry,
  AllocationNode,
  HeapNode,
  LiveEntry,
  LiveNode,
} from '../model/HeapNode';
export type { Profile } from 'pprof-format';
