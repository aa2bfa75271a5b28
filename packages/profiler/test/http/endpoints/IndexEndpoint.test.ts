import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { PprofHarness } from '../../support/PprofHarness';

describe('/debug/pprof/', () => {
  let harness: PprofHarness;

  before(async () => {
    // Lets in also who is kept out for the name of the host.
    harness = await new PprofHarness({ authorize: () => true }).start();
  });
  after(() => harness.stop());

  it('lists all there is, and what is not available', async () => {
    harness.heap.allocations = false;
    const { text } = await harness.get('/');
    const listed = [...text.matchAll(/<h2><a href="(.*?)">/g)].map(([, name]) => name);
    assert.deepEqual(listed, ['profile', 'heap', 'allocs', 'cmdline']);
    assert.deepEqual(text.match(/Not available: .*?</g), ['Not available: not on this machine<']);
  });

  it('may show its own style and do nothing else', async () => {
    const { text, headers } = await harness.get('/');
    const [, style = ''] = /<style>([^]*)<\/style>/.exec(text) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    assert.equal(
      headers['content-security-policy'],
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
  });

  it('has no command with the host of somebody else', async () => {
    const { status, text } = await harness.get('/', { headers: { host: "localhost:1'$(id)" } });
    assert.equal(status, 200);
    assert.match(text, /go tool pprof/);
    assert.doesNotMatch(text, /\$\(id\)/);
  });
});
