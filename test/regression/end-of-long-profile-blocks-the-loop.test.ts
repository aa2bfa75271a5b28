import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Units of work in a step, and how many steps a profile of that size needs at least. */
const UNITS_PER_STEP = 2_000;

/**
 * Records a profile over HTTP in which nearly each sample has its own stack and label, about 100
 * functions deep. Prints how many turns of the event loop the profile asked for after its recording
 * had ended, and how many functions are in its stacks.
 */
const PROGRAM = `
  const nodeTimers = require('node:timers');
  const original = nodeTimers.setImmediate;
  let turns = 0;
  nodeTimers.setImmediate = (...args) => { turns++; return original(...args); };
  const http = require('node:http');
  const { gunzipSync } = require('node:zlib');
  const { Profile } = require('pprof-format');
  const { runWithLabels, sharedCollector } = require('@rulescope/profiler');
  const { createPprofHandler } = require('@rulescope/profiler/http');

  const steps = [1, 2, 3, 4].map((n) => new Function('dive', 'return function step' + n +
    '(depth) { return depth === 0 ? spin() : dive(depth); function spin() {' +
    'let x = 0; for (let i = 0; i < 20000; i++) x = Math.sqrt(x + i); return x; } }')((depth) => dive(depth)));
  const dive = (depth) => steps[Math.floor(Math.random() * 4)](depth - 1);
  let request = 0;
  let stopped = false;
  (function work() {
    if (stopped) return;
    const end = performance.now() + 5;
    while (performance.now() < end) runWithLabels({ request: String(++request) }, () => dive(60));
    original(work);
  })();

  const handler = createPprofHandler();
  const server = http.createServer(handler).listen(0, '127.0.0.1', () => {
    const url = 'http://127.0.0.1:' + server.address().port + '/debug/pprof/profile?seconds=1.5&hz=1000';
    http.get(url, (response) => {
      stopped = true;
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
        const { sample } = Profile.decode(gunzipSync(Buffer.concat(chunks)));
        const functions = sample.reduce((sum, { locationId }) => sum + locationId.length, 0);
        console.log(JSON.stringify({ turns, samples: sample.length, functions }));
        server.close();
      });
    });
  });
  // The consumer's last window ends together with the recording.
  const consumer = sharedCollector().addConsumer('c', () => (turns = 0));
  void consumer;
`;

describe('the end of a long profile', function () {
  this.timeout(60_000);

  it('is worked off in many turns of the event loop', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', PROGRAM], {
      cwd: __dirname,
      timeout: 50_000,
    });
    const { turns, samples, functions } = JSON.parse(stdout) as Record<string, number>;
    assert.ok(samples! > 20, `${samples} samples`);
    // Summing, building and encoding each have as many steps as the stacks need.
    assert.ok(
      turns! >= (2 * functions!) / UNITS_PER_STEP,
      `${turns} turns, ${functions} functions`,
    );
  });
});
