export { time } from './time';
export type { Time } from './time';
export type { TimeMetrics, TimeState } from './DatadogTime';
export type { TimeProfilerOptions } from './timeOptions';
export { heap } from './heap';
export type { Heap } from './heap';
export { routeDatadogPprof } from './routeDatadogPprof';
