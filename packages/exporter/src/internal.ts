/**
 * For the other packages of this repository, which are released together with this one. No promise
 * holds for anybody else.
 */
export { CollectorMetrics } from './RuleMetrics';
export { CollectorProducer } from './RuleMetricProducer';
export { awaitMeterProvider, registeredProvider } from './awaitMeterProvider';
export { OF_PRODUCER, collectorOptionsOf, resolveSeriesOptions } from './options';
