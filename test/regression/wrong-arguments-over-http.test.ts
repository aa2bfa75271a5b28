import { strict as assert } from 'node:assert';
import { servePprof } from '../support/pprofServer';

const NO_LABELS = 'heap samples have no labels; known parameters: seconds, thread, sources';
const AS_TEXT = '`go tool pprof -top` prints a profile as text';
const GC = 'V8 decides when to collect garbage';

const WRONG = {
  'pprof/profile?seconds=0': 'seconds must be a number from 0.1 to 300; got "0"',
  'pprof/profile?seconds=': 'seconds must be a number from 0.1 to 300; got ""',
  'pprof/profile?seconds=5s': 'seconds must be a number from 0.1 to 300; got "5s"',
  'pprof/profile?hz=99': 'hz must be one of 10, 25, 50, 100, 200, 500, 1000; got "99"',
  'pprof/profile?lines=yes': 'lines must be 0 or 1; got "yes"',
  'pprof/profile?debug=1': `debug must be 0 (${AS_TEXT}); got "1"`,
  'pprof/profile?gc=1': `gc must be 0 (${GC}); got "1"`,
  'pprof/heap?seconds=1e3': 'seconds must be a number from 0.1 to 300; got "1e3"',
  'pprof/heap?debug=2': `debug must be 0 (${AS_TEXT}); got "2"`,
  'pprof/heap?gc=1': `gc must be 0 (${GC}); got "1"`,
  'pprof/allocs?rule=r1': `"rule" must be omitted (${NO_LABELS}); got "r1"`,
  'rules/usage?seconds=0.5': 'seconds must be a number from 1 to 300; got "0.5"',
  'rules/usage?top=0': 'top must be an integer from 1 to 1000; got "0"',
  'rules/usage?top=1&top=2': 'top must be given once; got 2 values',
  'rules/usage?rule=r1': '"rule" must be omitted (known parameters: seconds, top); got "r1"',
};

describe('wrong arguments over HTTP', () => {
  const port = servePprof();

  for (const [query, message] of Object.entries(WRONG)) {
    it(`are refused at once, with what is allowed: ${query}`, async () => {
      const response = await fetch(`http://127.0.0.1:${port()}/debug/${query}`);
      assert.deepEqual([response.status, await response.text()], [400, `${message}\n`]);
    });
  }
});
