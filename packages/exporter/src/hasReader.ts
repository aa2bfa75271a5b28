/** Private fields of the reader and the MeterProvider in SDK 2 and 3. No public one shows this. */
interface SdkCollector {
  readonly _metricReader?: { readonly _shutdown?: boolean };
}
interface SdkProvider {
  readonly _sharedState?: { readonly metricCollectors?: unknown };
}

/**
 * Returns false if `provider` has no metric reader, or if all have been shut down: nobody then reads
 * what is observed. Returns true if that is unknown.
 */
export function hasReader(provider: object): boolean {
  const collectors = (provider as SdkProvider)._sharedState?.metricCollectors;
  if (!Array.isArray(collectors)) return true;
  return (collectors as SdkCollector[]).some((each) => each._metricReader?._shutdown !== true);
}
