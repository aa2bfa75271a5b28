import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { escapeHtml, indexPage } from '../../src/http/indexPage';
import { PprofHarness } from '../support/PprofHarness';

const EVIL = `<script>alert("1")</script>'&`;

const entry = {
  name: 'profile',
  summary: 'What it is.',
  unavailable: undefined,
  parameters: [{ usage: 'seconds=N', meaning: 'How long.' }],
  commands: [{ command: 'go tool pprof -top', query: '?seconds=1&rule=r1' }],
};

describe('indexPage', () => {
  it('lists endpoints, with links that work at any mount point', () => {
    const page = indexPage([entry], 'http://localhost:3000', '/x/pprof/');
    assert.match(page, /<a href="profile">profile<\/a>/);
    assert.match(page, /What it is\./);
    assert.match(page, /<dt>seconds=N<\/dt><dd>How long\.<\/dd>/);
    assert.ok(
      page.includes(
        escapeHtml("go tool pprof -top 'http://localhost:3000/x/pprof/profile?seconds=1&rule=r1'"),
      ),
    );
  });

  it('says what is not available, and shows no commands for it', () => {
    const page = indexPage([{ ...entry, unavailable: EVIL }], 'http://localhost', '/');
    assert.ok(page.includes(`Not available: ${escapeHtml(EVIL)}`));
    assert.doesNotMatch(page, /go tool pprof -top/);
  });

  it('escapes all text', () => {
    const evil = {
      name: EVIL,
      summary: EVIL,
      unavailable: undefined,
      parameters: [{ usage: EVIL, meaning: EVIL }],
      commands: [{ command: EVIL, query: EVIL }],
    };
    assert.ok(!indexPage([evil], `http://${EVIL}`, `/${EVIL}/`).includes('<script'));
  });

  it('puts into commands only what a shell reads literally', () => {
    const commands = (origin: string, path: string) =>
      /go tool pprof -top .*/.exec(indexPage([entry], origin, path))?.[0];
    const replaced = escapeHtml("-top 'http://HOST:PORT/debug/pprof/profile?seconds=1&rule=r1'");
    for (const [origin, path] of [
      ["http://a';rm -rf ~;'", "/';id;'/"],
      ['http://$(id)', '/$(id)/'],
      ['http://a b', '/a b/'],
    ] as const)
      assert.equal(commands(origin, path), `go tool pprof ${replaced}</pre>`);
  });

  it('refers to no other host except the page of pprof', () => {
    const page = indexPage([entry], 'http://localhost', '/');
    assert.deepEqual(page.match(/(?:src|href|url|action)\s*[=(]\s*"?[^">\s)]*/g), [
      'href="https://github.com/google/pprof',
      'href="profile',
    ]);
  });
});

describe('/debug/pprof/', () => {
  let harness: PprofHarness;

  before(async () => {
    // Admits all, so that a test can send a host name that is not local.
    harness = await new PprofHarness({ authorize: () => true }).start();
  });
  after(() => harness.stop());

  it('lists the endpoints, and which are not available', async () => {
    harness.heap.allocations = false;
    const { text } = await harness.get('/');
    const listed = [...text.matchAll(/<h2><a href="(.*?)">/g)].map(([, name]) => name);
    assert.deepEqual(listed, ['profile', 'heap', 'allocs', 'rules/usage', 'cmdline']);
    assert.deepEqual(text.match(/Not available: .*?</g), ['Not available: not on this machine<']);
  });

  it('allows its own style and nothing else', async () => {
    const { text, headers } = await harness.get('/');
    const [, style = ''] = /<style>([^]*)<\/style>/.exec(text) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    assert.equal(
      headers['content-security-policy'],
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
  });

  it('shows no command with a host that a shell would act upon', async () => {
    const { status, text } = await harness.get('/', { headers: { host: "localhost:1'$(id)" } });
    assert.equal(status, 200);
    assert.match(text, /go tool pprof/);
    assert.doesNotMatch(text, /\$\(id\)/);
  });
});
