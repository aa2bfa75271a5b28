import assert from 'node:assert/strict';
import { findRoute, indexRedirect } from '../../src/http/route';

const PATH = '/debug/pprof';

describe('findRoute', () => {
  const found = (url: string, originalUrl?: string, path = PATH) => {
    const route = findRoute(url, originalUrl, path);
    return route && [route.name, route.query, route.indexPath];
  };

  it('finds endpoints below the path of the handler', () => {
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

  it('finds endpoints below the mount point of a framework', () => {
    assert.deepEqual(found('/heap?a=1', '/x/y/heap?a=1'), ['heap', 'a=1', '/x/y/']);
    assert.deepEqual(found('/', '/x/y/'), ['', '', '/x/y/']);
    assert.deepEqual(found('/debug/pprof/heap', '/x/debug/pprof/heap'), [
      'heap',
      '',
      '/debug/pprof/',
    ]);
    assert.equal(found('/heap', '/heap'), undefined, 'mounted at no path of its own');
  });
});

describe('indexRedirect', () => {
  it('adds the last slash of the index page at any mount point', () => {
    const redirect = (url: string, originalUrl?: string) =>
      indexRedirect(findRoute(url, originalUrl, PATH)!);
    assert.equal(redirect('/debug/pprof'), './pprof/');
    assert.equal(redirect('/debug/pprof?a=1'), './pprof/?a=1');
    assert.equal(redirect('/', '/x/y'), './y/');
    assert.equal(redirect('/?a=1', '/x/y?a=1'), './y/?a=1');
    assert.equal(redirect('/', '/x/javascript:y'), './javascript:y/');
    for (const url of ['/debug/pprof/', '/debug/pprof/heap']) {
      assert.equal(redirect(url), undefined);
    }
    assert.equal(redirect('/', '/x/y/'), undefined);
    assert.equal(redirect('/heap', '/x/y/heap'), undefined);
  });
});
