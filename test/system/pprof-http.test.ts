import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { type IncomingMessage, get } from 'node:http';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { type Profile as PprofProfile, Profile } from 'pprof-format';
import { GoPprof } from '../support/goPprof';
import { type Running, run } from '../support/processes';

const APP = join(__dirname, '..', 'support', 'pprofApp.js');

async function startApp(): Promise<Running & { readonly url: string }> {
  const app = run(process.execPath, [APP]);
  const [url] = await app.waitFor(/http:\/\/127\.0\.0\.1:\d+/);
  return { ...app, url: `${url}/debug/pprof` };
}

describe('/debug/pprof, read by the real go tool pprof', function () {
  this.timeout(90_000);
  const pprof = new GoPprof();
  let app: Running & { readonly url: string };
  /** Two profiles that were recorded at the same time. */
  let first: string;
  let second: string;

  const text = async (...args: string[]): Promise<string> => String(await pprof.run(...args));

  before(async () => {
    app = await startApp();
    const fetchProfile = async (query: string): Promise<string> =>
      pprof.write(await pprof.proto(`${app.url}/profile?${query}`));
    [first, second] = await Promise.all([fetchProfile('seconds=2'), fetchProfile('seconds=3')]);
  });

  after(async () => {
    await app?.stop();
    pprof.remove();
  });

  it('-top shows the functions, over HTTP', async () => {
    const top = await pprof.top(`${app.url}/profile?seconds=1&hz=500`);
    assert.match(top, /^File: node\n/);
    assert.match(top, /^Type: cpu$/m);
    assert.match(top, /^ +\d+\.?\d*m?s +\d\S*% +\S+% +\S+ +\S+% {2}fillMemory$/m);
  });

  it('-tags shows the labels, each with its CPU', async () => {
    const tags = await text('-tags', first);
    assert.match(tags, /^ rule: Total /m);
    assert.match(tags, /%\): primes$/m);
    assert.match(tags, /%\): memory$/m);
    assert.match(tags, /%\): a "b"$/m);
  });

  it('-tagfocus shows one rule', async () => {
    const focused = await pprof.top('-tagfocus=rule=primes', first);
    assert.match(focused, / countPrimes$/m);
    assert.doesNotMatch(focused, / fillMemory$/m);
  });

  it('?rule= returns only this rule, without function names of other rules', async () => {
    const only = await pprof.proto(`${app.url}/profile?seconds=1&rule=primes`);
    const labels = new Set(only.sample.flatMap(({ label }) => label.map(({ str }) => str)));
    const { strings } = only.stringTable;
    assert.deepEqual(
      [...labels].map((index) => strings[Number(index)]),
      ['primes'],
    );
    assert.ok(!strings.includes('fillMemory'), 'the profile names a function of another rule');
  });

  it('-tagroot shows stacks below their rule', async () => {
    const traces = await text('-traces', '-tagroot=rule', first);
    assert.match(traces, /countPrimes\n(?: +\S.*\n)* +primes\n/);
  });

  it('-peek shows callers and callees', async () => {
    const peek = await text('-peek=countPrimes', first);
    assert.match(peek, /\| +run(?:From)?\n.*% {2}.*\| +countPrimes$/m);
  });

  it('-traces shows stacks with their labels', async () => {
    assert.match(await text('-traces', first), /rule: +primes\n[^]*?countPrimes\n +run(?:From)?\n/);
  });

  it('-svg draws a graph', async () => {
    // Only one rule: pprof 1.19 does not escape quotation marks in labels. Graphviz refuses them.
    const svg = await text('-svg', '-tagfocus=rule=primes', first);
    assert.match(svg, /<svg /);
    assert.match(svg, /countPrimes/);
  });

  it('-http serves its pages', async () => {
    const server = await pprof.serve(first);
    try {
      for (const page of ['top', 'flamegraph', 'peek?f=countPrimes']) {
        const response = await fetch(`${server.url}/ui/${page}`);
        assert.equal(response.status, 200, page);
        assert.match(await response.text(), /countPrimes/, page);
      }
    } finally {
      await server.stop();
    }
  });

  it('-diff_base shows the difference of two profiles', async () => {
    const difference = await pprof.top('-diff_base', first, second);
    assert.match(difference, /^Showing nodes accounting for/m);
    const nothing = await pprof.figures('-diff_base', first, first);
    assert.ok([...nothing.values()].every(({ flat }) => flat === '0'));
  });

  it('-proto merges two profiles', async () => {
    const merged = await pprof.proto(first, second);
    const flat = async (path: string): Promise<number> =>
      Number((await pprof.figures(path)).get('countPrimes')?.flat);
    const sum = (await flat(first)) + (await flat(second));
    assert.equal(await flat(pprof.write(merged)), sum);
  });

  it('two simultaneous profiles have their own durations', async () => {
    const [one, two] = await Promise.all([pprof.proto(first), pprof.proto(second)]);
    // A busy machine makes them longer. Unit tests check the exact duration with a fake clock.
    assert.ok(secondsOf(one) >= 2, `${secondsOf(one)}`);
    assert.ok(secondsOf(two) >= 3 && secondsOf(two) > secondsOf(one), `${secondsOf(two)}`);
  });

  it('/heap returns the objects in use, or their change', async () => {
    const top = await pprof.top(`${app.url}/heap`);
    assert.match(top, /^Type: inuse_space$/m);
    assert.match(top, /fillMemory/);
    const change = await pprof.top('-sample_index=inuse_objects', `${app.url}/heap?seconds=1`);
    assert.match(change, /^Type: inuse_objects$/m);
  });

  it('-list shows the lines of a function, with ?lines=1', async () => {
    const url = `${app.url}/profile?seconds=1&lines=1`;
    const listing = await text('-list=^fillMemory$', `-source_path=${dirname(APP)}`, url);
    assert.match(listing, /^ROUTINE =+ fillMemory in .*pprofApp\.js$/m);
    // The line that creates the entries must have CPU.
    // On a busy machine, V8 may count a call in the body of the loop for its head.
    assert.match(listing, /^ +\S+ +\d+\.?\d*m?s +\d+: +(kept\.push|while) ?\(/m);
  });

  it('shows the reason when a profile is refused', async () => {
    assert.match(
      await pprof.failure('-top', `${app.url}/profile?seconds=abc`),
      /400 Bad Request - seconds must be a number from 0\.1 to 300; got "abc"/,
    );
    assert.match(
      await pprof.failure('-top', `${app.url}/profile?seconds=0.2&ruel=primes`),
      /404 Not Found - no sample has a label "ruel"; labels: "rule", "tenant"/,
    );
  });

  it('shows a profile without samples and its comment', async () => {
    const top = await pprof.top(`${app.url}/profile?seconds=0.5&rule=idle`);
    assert.match(top, /no sample has that rule; values of rule: "memory", "primes"/);
    assert.match(top, /^Showing nodes accounting for 0, /m);
  });
});

describe('/debug/pprof of an application that shuts down', function () {
  this.timeout(30_000);

  it('sends a partial profile, and lets the process end by itself', async () => {
    const app = await startApp();
    const request = get(`${app.url}/profile?seconds=300`);
    const answer = once(request, 'response') as Promise<[IncomingMessage]>;
    await once(request, 'finish');
    // When a later request has its profile, the first request is in progress.
    await (await fetch(`${app.url}/profile?seconds=0.5`)).arrayBuffer();
    const ended = app.stop('SIGTERM');
    const [response] = await answer;
    const profile: PprofProfile = Profile.decode(gunzipSync(await buffer(response)));
    assert.equal(response.headers.connection, 'close');
    assert.ok(secondsOf(profile) >= 0.5 && secondsOf(profile) < 300);
    assert.deepEqual(await ended, { code: 0, signal: null });
  });
});

function secondsOf({ durationNanos }: PprofProfile): number {
  return Number(durationNanos) / 1e9;
}
