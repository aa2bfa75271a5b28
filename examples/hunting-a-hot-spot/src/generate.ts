/** Writes a log: `npm run generate`. */
import { existsSync, readdirSync } from 'node:fs';
import { generateLog } from './log/generateLog';
import { GENERATE_USAGE, parseGenerateOptions } from './options';

const EXIT_USAGE = 2;

try {
  const options = parseGenerateOptions(process.argv.slice(2));
  if (options.help) console.log(GENERATE_USAGE);
  else {
    const { log, samples, series } = options;
    if (existsSync(log) && readdirSync(log).length > 0) {
      throw new Error(`--log must be an empty directory or none; got ${JSON.stringify(log)}`);
    }
    generateLog(log, options);
    console.log(`wrote ${samples} samples of ${series} series to ${log}`);
  }
} catch (error) {
  console.error(`hunt: ${(error as Error).message.split('\n', 1)[0]} (--help lists all options)`);
  process.exitCode = EXIT_USAGE;
}
