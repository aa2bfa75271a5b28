export { RuleProfileExporter } from './profiles/RuleProfileExporter';
export type { ProfileTotals } from './profiles/ProfileExporter';
export type { RuleProfileExporterOptions } from './profiles/options';
export type { ResourceAttributes, ResourceValue } from './profiles/environment';
