export { type Alert, measurementAlerts, ruleAlerts } from './alerts';
export { generatedFiles } from './files';
export { STYLES, type Style, metricNames } from './naming';
