import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Running, eventually, run } from './processes';

/**
 * Defines `startRules(...)`: json-rules-engine runs rules, `[name, about the milliseconds of CPU]`
 * each. Neither the work nor its period is constant: in step with sampling, a rule would be hit too
 * often.
 */
const RULES = `
  // A number of steps, not a time: the ratio of two rules is the same on a busy machine.
  const burn = (millis) => { for (let i = 2e6 * millis * Math.random(); i > 0; i--); };
  const startRules = (...rules) => {
    const engine = new Engine();
    engine.addOperator('burns', (millis) => { burn(millis); return true; });
    for (const [name, millis] of rules) {
      engine.addFact(name, async () => millis);
      const conditions = { all: [{ fact: name, operator: 'burns', value: 0 }] };
      engine.addRule({ name, conditions, event: { type: 'event' } });
    }
    (async function next() {
      await engine.run();
      setTimeout(next, 20 * Math.random());
    })();
  };
`;
export const ES_RULES = `import { Engine } from 'json-rules-engine'; ${RULES}`;
export const COMMON_RULES = `const { Engine } = require('json-rules-engine'); ${RULES}`;

/** A folder with the files of a program. Below it, the program finds the packages of this run. */
export function programFolder(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(__dirname, 'program-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text);
  return directory;
}

/** Runs Node.js as {@link runIn} does. */
export function runNode(
  directory: string,
  args: readonly string[],
  variables: NodeJS.ProcessEnv = {},
): Running {
  return runIn(directory, process.execPath, args, variables);
}

/** Runs a command in a folder, with short windows and with no variables of this run. */
export function runIn(
  directory: string,
  command: string,
  args: readonly string[],
  variables: NodeJS.ProcessEnv = {},
): Running {
  const ofUser = Object.entries(process.env).filter(([name]) => !/^(RULESCOPE|OTEL)_/.test(name));
  return run(command, args, {
    cwd: directory,
    env: {
      ...Object.fromEntries(ofUser),
      RULESCOPE_WINDOW_MILLIS: '500',
      RULESCOPE_METRICS_PORT: '0',
      ...variables,
    },
  });
}

/** Waits until the program says where it serves, and returns the URL. */
export async function servedBy(program: Running): Promise<string> {
  const [, url] = await program.waitFor(/^rulescope: metrics at (\S+)$/m);
  return url!;
}

/** Waits until the rules have this many samples together, and returns the CPU seconds of each. */
export function rulesAt(url: string, samples = 60): Promise<Record<string, number>> {
  return eventually(`the rules at ${url}`, async () => {
    const text = await (await fetch(url)).text();
    const taken = Object.values(valuesOf(text, 'rulescope_rule_cpu_samples_total'));
    const sum = taken.reduce((total, value) => total + value, 0);
    return sum < samples ? undefined : valuesOf(text, 'rulescope_rule_cpu_time_total');
  });
}

function valuesOf(text: string, metric: string): Record<string, number> {
  const lines = text.matchAll(
    new RegExp(`^${metric}\\{rulescope_rule_id="([^"]+)".* (\\S+)$`, 'gm'),
  );
  return Object.fromEntries([...lines].map(([, rule, value]) => [rule!, Number(value)]));
}
