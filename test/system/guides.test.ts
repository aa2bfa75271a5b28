import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { GUIDE_NAMES, codeBlocks, readGuide } from '../support/guides';
import { debianFile } from '../support/repository';

/** The parts of a Collector's configuration that name each other. */
interface CollectorConfig {
  readonly receivers: object;
  readonly processors: object;
  readonly exporters: Record<string, Record<string, Record<string, string> | undefined>>;
  readonly extensions: object;
  readonly service: {
    readonly extensions: string[];
    readonly pipelines: Record<string, Record<'receivers' | 'processors' | 'exporters', string[]>>;
  };
}

describe('the guides to backends', () => {
  let directory: string;
  before(() => void (directory = mkdtempSync(join(tmpdir(), 'rulescope-guides-'))));
  after(() => rmSync(directory, { recursive: true }));

  /** Runs `promtool check`, which fails with what it does not like. */
  const promtoolCheck = (kind: 'config' | 'rules', text: string): void => {
    const file = join(directory, `${kind}.yml`);
    writeFileSync(file, text);
    execFileSync('promtool', ['check', kind, file]);
  };

  it('say how far they were tested, and the list of them is complete', () => {
    const list = readGuide('README.md');
    const guides = GUIDE_NAMES.filter((name) => name !== 'README.md');
    assert.ok(guides.length >= 6);
    for (const name of guides) {
      assert.match(readGuide(name), /^## Tested$/m, name);
      assert.ok(list.includes(`(${name})`), name);
    }
  });

  it('have valid YAML', () => {
    const files = GUIDE_NAMES.flatMap((name) => codeBlocks(name, 'yaml'));
    assert.ok(files.length >= 5);
    for (const text of files) {
      const { errors, warnings } = parseDocument(text, { strict: true });
      assert.deepEqual([...errors, ...warnings], [], text);
    }
  });

  it('have configurations that promtool accepts, or VictoriaMetrics for Kubernetes', () => {
    const files = GUIDE_NAMES.flatMap((name) => codeBlocks(name, 'yaml'));
    const configs = files.filter((text) => text.startsWith('# prometheus.yml'));
    // Prometheus of Debian does not know Kubernetes.
    const [kubernetes, ...others] = configs.sort((text) => (/kubernetes/.test(text) ? -1 : 1));
    assert.equal(others.length, 1);
    for (const text of others) promtoolCheck('config', text);
    const file = join(directory, 'kubernetes.yml');
    writeFileSync(file, kubernetes!);
    execFileSync(
      debianFile('victoria-metrics', 'usr/bin/victoria-metrics'),
      ['-promscrape.config.dryRun', `-promscrape.config=${file}`],
      { stdio: 'pipe' },
    );
  });

  it('have queries that promtool accepts', () => {
    const queries = GUIDE_NAMES.flatMap((name) => codeBlocks(name, 'promql')).flatMap((text) =>
      text.split('\n').filter((line) => line !== '' && !line.startsWith('#')),
    );
    assert.ok(queries.length >= 3);
    const rules = queries.map((expr, i) => ({ record: `query:${i}`, expr }));
    promtoolCheck('rules', JSON.stringify({ groups: [{ name: 'guides', rules }] }));
  });

  it('have a configuration of the Collector whose parts fit together', () => {
    const text = codeBlocks('collector.md', 'yaml').find((each) => each.includes('pipelines:'));
    const config = parseDocument(text!).toJS() as CollectorConfig;
    const pipelines = Object.values(config.service.pipelines);
    for (const kind of ['receivers', 'processors', 'exporters'] as const) {
      const used = pipelines.flatMap((pipeline) => pipeline[kind]);
      assert.deepEqual([...new Set(used)].sort(), Object.keys(config[kind]).sort(), kind);
    }
    assert.deepEqual(config.service.extensions.sort(), Object.keys(config.extensions).sort());
    const needed = Object.values(config.exporters).flatMap(({ auth, sending_queue: queue }) => [
      ...(auth === undefined ? [] : [auth['authenticator']!]),
      ...(queue === undefined ? [] : [queue['storage']!]),
    ]);
    assert.deepEqual([...new Set(needed)].sort(), config.service.extensions.sort());
  });
});
