import assert from 'node:assert/strict';
import { locate, slashAdded } from '../../src/http/locate';

const PATH = '/debug/pprof';

describe('locate', () => {
  const found = (url: string, originalUrl?: string, path = PATH) => {
    const place = locate(url, originalUrl, path);
    return place && [place.name, place.query, place.indexPath];
  };

  it('finds what is below the path of the handler', () => {
    assert.deepEqual(found('/debug/pprof/'), ['', '', '/debug/pprof/']);
    assert.deepEqual(found('/debug/pprof/profile?seconds=1&a=?'), [
      'profile',
      'seconds=1&a=?',
      '/debug/pprof/',
    ]);
    assert.deepEqual(found('/heap', undefined, '/'), ['heap', '', '/']);
    assert.equal(found('/debug/pproff/heap'), undefined);
    assert.equal(found('/heap'), undefined);
    assert.equal(found('/'), undefined);
  });

  it('finds what is below the mount point of a framework', () => {
    assert.deepEqual(found('/heap?a=1', '/x/y/heap?a=1'), ['heap', 'a=1', '/x/y/']);
    assert.deepEqual(found('/', '/x/y/'), ['', '', '/x/y/']);
    assert.deepEqual(found('/debug/pprof/heap', '/x/debug/pprof/heap'), [
      'heap',
      '',
      '/debug/pprof/',
    ]);
    assert.equal(found('/heap', '/heap'), undefined, 'mounted at no path of its own');
  });

  it('wants the slash at the end of the index, wherever that is', () => {
    const slash = (url: string, originalUrl?: string) =>
      slashAdded(locate(url, originalUrl, PATH)!);
    assert.equal(slash('/debug/pprof'), './pprof/');
    assert.equal(slash('/debug/pprof?a=1'), './pprof/?a=1');
    assert.equal(slash('/', '/x/y'), './y/');
    assert.equal(slash('/?a=1', '/x/y?a=1'), './y/?a=1');
    assert.equal(slash('/', '/x/javascript:y'), './javascript:y/');
    for (const url of ['/debug/pprof/', '/debug/pprof/heap']) assert.equal(slash(url), undefined);
    assert.equal(slash('/', '/x/y/'), undefined);
    assert.equal(slash('/heap', '/x/y/heap'), undefined);
  });
});
