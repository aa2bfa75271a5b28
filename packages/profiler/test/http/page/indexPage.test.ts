import assert from 'node:assert/strict';
import { escapeHtml } from '../../../src/http/page/escapeHtml';
import { indexPage } from '../../../src/http/page/indexPage';

const EVIL = `<script>alert("1")</script>'&`;

const entry = {
  name: 'profile',
  summary: 'What it is.',
  unavailable: undefined,
  parameters: [{ usage: 'seconds=N', meaning: 'How long.' }],
  commands: [{ flags: '-top', query: '?seconds=1&rule=r1' }],
};

describe('the index page', () => {
  it('lists what there is, with links that are right wherever it is mounted', () => {
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

  it('says what is not available, and then shows no commands', () => {
    const page = indexPage([{ ...entry, unavailable: EVIL }], 'http://localhost', '/');
    assert.ok(page.includes(`Not available: ${escapeHtml(EVIL)}`));
    assert.doesNotMatch(page, /go tool pprof -top/);
  });

  it('escapes whatever it is given', () => {
    const evil = {
      name: EVIL,
      summary: EVIL,
      unavailable: undefined,
      parameters: [{ usage: EVIL, meaning: EVIL }],
      commands: [{ flags: EVIL, query: EVIL }],
    };
    assert.ok(!indexPage([evil], `http://${EVIL}`, `/${EVIL}/`).includes('<script'));
  });

  it('has nothing in a command that a shell would act upon', () => {
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

  it('refers to nothing on other hosts but the page of pprof', () => {
    const page = indexPage([entry], 'http://localhost', '/');
    assert.deepEqual(page.match(/(?:src|href|url|action)\s*[=(]\s*"?[^">\s)]*/g), [
      'href="https://github.com/google/pprof',
      'href="profile',
    ]);
  });
});
