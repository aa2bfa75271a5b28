export { time } from './datadog/time';
export type { Time } from './datadog/time';
export type { TimeMetrics, TimeState } from './datadog/DatadogTime';
export type { TimeProfilerOptions } from './datadog/timeOptions';
export { heap } from './datadog/heap';
export type { Heap } from './datadog/heap';
export type { GenerateLabels as GenerateHeapLabels } from './datadog/DatadogHeap';
export { routeDatadogPprof } from './datadog/routeDatadogPprof';

export type {
  ColumnNumbers,
  GenerateLabels,
  GenerateTimeLabelsArgs,
  SourceMapper,
  TimeProfileNode,
  TimeProfileNodeContext,
} from './native/loadNative';
export type {
  AllocationEntry,
  AllocationNode,
  HeapNode,
  LiveEntry,
  LiveNode,
} from './model/HeapNode';
export type { Profile } from '#pprof-format';
