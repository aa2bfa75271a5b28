import { strict as assert } from 'node:assert';
import { type HeapReader, heapSupport, openHeap } from '@rulescope/profiler/heap';
import { collectGarbage } from '../support/collectGarbage';
import { GoPprof } from '../support/goPprof';

const ARRAYS = 50_000;

/** Allocates 50 MB, in use as long as the result is referenced. */
function retainsFifty(): unknown[] {
  return Array.from({ length: ARRAYS }, (_, i) => new Array<number>(126).fill(i));
}

/** Allocates 100 MB of garbage. */
function churns(): void {
  for (let i = 0; i < 2 * ARRAYS; i++) new Array<number>(126).fill(i);
}

describe('the heap, read by the real go tool pprof', function () {
  this.timeout(60_000);
  const pprof = new GoPprof();
  const { allocations } = heapSupport();
  let reader: HeapReader;
  let path: string;
  let held: unknown[];

  before(() => {
    reader = openHeap({ intervalBytes: 65_536, allocations });
    held = retainsFifty();
    churns();
    // Garbage counts as in use until a collection: 4 to 31 MB here, sometimes more than the arrays.
    collectGarbage();
    path = pprof.write(reader.profile());
  });
  after(() => {
    reader.close();
    pprof.remove();
    assert.equal(held.length, ARRAYS);
  });

  /** Returns the function with the most memory and its MB, with callees that are not inlined. */
  async function first(sampleIndex: string): Promise<[name: string, megabytes: number]> {
    const text = await pprof.top('-cum', '-unit=bytes', `-sample_index=${sampleIndex}`, path);
    const rows = [...text.matchAll(/^ *\S+ +\S+% +\S+% +(\d+)B +\S+% {2}(\w+)$/gm)];
    const own = rows.find(([, , name]) => ['retainsFifty', 'churns'].includes(name!));
    assert.ok(own, text);
    return [own[2]!, Number(own[1]) / 1e6];
  }

  it('has a file, comments and a type', async () => {
    const comments = String(await pprof.run('-comments', path));
    assert.match(comments, /^rulescope .*\nNode\.js .*\nin use: objects allocated since /);
    const text = await pprof.top(path);
    assert.match(text, new RegExp(`^File: node\\nrulescope.*`));
    assert.match(text, allocations ? /^Type: alloc_space$/m : /^Type: inuse_space$/m);
  });

  // 50 MB at 64 kB are 800 samples, with a standard error of 3.5 %. The limit is six standard
  // errors, so chance fails 1 run in 500 million.
  it('finds the function whose objects use most memory', async () => {
    const [name, megabytes] = await first('inuse_space');
    assert.equal(name, 'retainsFifty');
    assert.ok(Math.abs(megabytes / 53 - 1) < 0.21, `${megabytes} MB`);
  });

  if (allocations) {
    it('finds the function that allocates most', async () => {
      const [name, megabytes] = await first('alloc_space');
      assert.equal(name, 'churns');
      assert.ok(Math.abs(megabytes / 106 - 1) < 0.21, `${megabytes} MB`);
    });
  } else {
    it('has no allocation types', async () => {
      await assert.rejects(first('alloc_space'), /must be one of: \[inuse_objects inuse_space\]/);
    });
  }
});
