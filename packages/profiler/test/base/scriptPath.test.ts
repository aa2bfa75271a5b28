import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { cachedScriptPath, scriptPath } from '../../src/base/scriptPath';

describe('scriptPath', () => {
  for (const path of [
    '/app/a.mjs',
    '/app/50% off/ü#?.mjs',
    '/app/a%20b.mjs',
    '/app/\u{1f600}.mjs',
  ]) {
    it(`returns the path of the URL of ${path}`, () => {
      assert.equal(scriptPath(pathToFileURL(path).href), path);
      assert.equal(scriptPath(`${pathToFileURL(path).href}?v=1#top`), path);
    });
  }

  it('keeps every name that is no file URL', () => {
    for (const name of [
      '',
      '/app/a%20b.js',
      'node:fs',
      'https://x/%20.js',
      'evalmachine.<anonymous>',
    ])
      assert.equal(scriptPath(name), name);
  });

  it('keeps a file URL that is no path', () => {
    for (const url of ['file://host/a%20b.js', 'file:///a%2Fb.js', 'file:///%ZZ.js', 'file:'])
      assert.equal(scriptPath(url), url === 'file:' ? '/' : url);
  });

  it('gives the same results with a cache', () => {
    const pathOf = cachedScriptPath();
    for (let i = 0; i < 2; i++) assert.equal(pathOf('file:///a%20b.mjs'), '/a b.mjs');
  });
});
