export { RuleProfileExporter } from './RuleProfileExporter';
export type { ProfileTotals } from './RuleProfileExporter';
export type { RuleProfileExporterOptions } from './options';
export type { ResourceAttributes, ResourceValue } from './environment';
