import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { type IncomingMessage, get } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import { heapSupport } from '@rulescope/profiler/heap';
import { GoPprof } from '../support/goPprof';
import { type Running, eventually, run } from '../support/processes';

const APP = join(__dirname, '..', 'support', 'pprofThreadsApp.js');

describe('/debug/pprof of worker threads, read by the real go tool pprof', function () {
  this.timeout(90_000);
  const pprof = new GoPprof();
  const { allocations } = heapSupport();
  let app: Running;
  let origin: string;
  let url: string;
  /** The workers in the order in which they were started. */
  let threads: readonly string[];

  before(async () => {
    // Before Node.js 26, V8 counts inlined functions as their caller. The heap's sampler always
    // does.
    app = run(process.execPath, ['--max-inlined-bytecode-size=0', APP]);
    [origin] = (await app.waitFor(/http:\/\/127\.0\.0\.1:\d+/)) as unknown as [string];
    url = `${origin}/debug/pprof`;
    threads = await eventually('three workers on the index page', async () => {
      const page = await (await fetch(`${url}/`)).text();
      const listed = [...page.matchAll(/(worker-\d+) \((?:appender|pprofThreadsApp\.js)\)/g)];
      const names = [...new Set(listed.map(([, name]) => name!))].sort();
      return names.length === 3 ? names : undefined;
    });
  });

  after(async () => {
    await app?.stop();
    pprof.remove();
  });

  it('-top and -tags show the CPU of the thread, with its labels', async () => {
    const profile = await pprof.proto(`${url}/profile?seconds=2&thread=${threads[0]}`);
    const path = pprof.write(profile);
    assert.match(await pprof.top('-tagfocus=rule=append', path), / mixBits$/m);
    const tags = String(await pprof.run('-tags', path));
    assert.match(tags, new RegExp(`^ thread: Total .*\\n.*\\(  100%\\): ${threads[0]}$`, 'm'));
  });

  it('-list shows the lines of the TypeScript source, with lines=1 and sources=1', async () => {
    const query = `seconds=2&lines=1&sources=1&thread=${threads[0]}`;
    const listing = String(await pprof.run('-list=^mixBits$', `${url}/profile?${query}`));
    assert.match(listing, /^ROUTINE =+ mixBits in .*pprofThreadsApp\.ts$/m);
    // The line with the work has CPU. V8 may count some of it for the head of the loop.
    assert.match(listing, /^ +\S+ +\d+\.?\d*m?s +\d+: +(bits = Math\.imul|for \(let round)/m);
    const lines = [...listing.matchAll(/^ +(?:\.|\S+s) +(\.|\S+s) +\d+:(.*)$/gm)];
    const elsewhere = lines.filter(([, cum, text]) => cum !== '.' && !/bits|round/.test(text!));
    assert.deepEqual(
      elsewhere.map(([line]) => line),
      [],
      'lines of other functions have CPU',
    );
  });

  it('heap shows objects in use', async () => {
    const top = await pprof.top(`${url}/heap?seconds=1&thread=${threads[0]}`);
    assert.match(top, /^Type: inuse_space$/m);
    assert.match(top, /inlined functions count as their caller/);
  });

  if (allocations) {
    it('-alloc_space shows the function that allocates', async () => {
      const path = pprof.write(
        await pprof.proto(`${url}/allocs?seconds=2&thread=${threads[0]}&sources=1`),
      );
      const top = await pprof.top('-alloc_space', path);
      assert.match(top, /^Type: alloc_space$/m);
      // The worker allocates about 26 MB a second, nearly all of it there: 100 samples.
      const [, first] = /cum%\n *(?:\S+ +){4}\S+ {2}(.*)\n/.exec(top) ?? [];
      assert.equal(first, 'add', top);
      assert.match(String(await pprof.run('-list=^add$', path)), /pprofThreadsApp\.ts$/m);
    });
  } else {
    it('-alloc_space needs a newer Node.js', async () => {
      const failure = await pprof.failure('-top', `${url}/allocs?seconds=1&thread=${threads[0]}`);
      assert.match(failure, /501 Not Implemented - .*Node\.js 26/);
    });
  }

  it('names the threads there are when there is no such thread', async () => {
    const failure = await pprof.failure('-top', `${url}/profile?thread=worker-999`);
    assert.match(failure, /404 Not Found - thread must be one of main, worker-\d+ \(/);
    assert.match(failure, /; got "worker-999"\. A worker can be chosen if it called sampleWorker/);
  });

  it('has what a worker recorded before it ended', async () => {
    const profile = await endedBy('/exit', threads[1]!);
    const comments = profile.comment.map((index) => profile.stringTable.strings[Number(index)]);
    assert.match(comments.at(-1)!, /^ended after \d+\.\d s: the thread ended$/);
    assert.ok(profile.sample.length > 0);
  });

  it('says so when a worker was terminated', async () => {
    await assert.rejects(
      endedBy('/terminate', threads[2]!),
      /^Error: 503: the recording failed: worker-\d+ ended or was terminated \d+\.\d s after/,
    );
  });

  /** Returns the profile of a worker that ends while it is recorded. */
  async function endedBy(path: string, thread: string): Promise<Profile> {
    const request = get(`${url}/profile?seconds=300&thread=${thread}`);
    const answer = once(request, 'response') as Promise<[IncomingMessage]>;
    await once(request, 'finish');
    // When a later request has its profile, the first request is in progress.
    await (await fetch(`${url}/profile?seconds=0.5&thread=${thread}`)).arrayBuffer();
    await fetch(`${origin}${path}`);
    const [response] = await answer;
    const body = await buffer(response);
    if (response.statusCode !== 200) throw new Error(`${response.statusCode}: ${String(body)}`);
    return Profile.decode(gunzipSync(body));
  }
});
