export { RuleProfileExporter } from '@rulescope/exporter/profiles';
export type {
  ProfileTotals,
  ResourceAttributes,
  ResourceValue,
  RuleProfileExporterOptions,
} from '@rulescope/exporter/profiles';
