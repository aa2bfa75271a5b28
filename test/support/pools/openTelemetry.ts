/** Loads OpenTelemetry's own instrumentations before a program starts. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ROOT } from '../repository';

const load = createRequire(join(ROOT, 'test/ecosystem/tools/package.json'));
const { getNodeAutoInstrumentations } = load('@opentelemetry/auto-instrumentations-node') as {
  getNodeAutoInstrumentations(): unknown[];
};
getNodeAutoInstrumentations();
