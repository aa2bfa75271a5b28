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

/**
 * Records a profile by line over HTTP, at 1,000 samples per second for four seconds. Prints the
 * samples of each piece that the inspector handed over, its time, and how often V8's profiler was
 * started.
 */
const BY_LINE = `
  const { Session } = require('node:inspector');
  const { emit, post } = Session.prototype;
  const pieces = [];
  let starts = 0;
  const note = ({ nodes, startTime, endTime }) => {
    const samples = nodes.reduce((sum, { hitCount = 0 }) => sum + hitCount, 0);
    pieces.push({ samples, startTime, endTime });
  };
  Session.prototype.post = function (method, params, callback) {
    if (method === 'Profiler.start') starts++;
    return post.call(this, method, params, (error, result) => {
      if (result?.profile !== undefined) note(result.profile);
      callback?.(error, result);
    });
  };
  Session.prototype.emit = function (event, message) {
    if (event === 'Profiler.consoleProfileFinished') note(message.params.profile);
    return emit.apply(this, arguments);
  };
  const http = require('node:http');
  const { gunzipSync } = require('node:zlib');
  const { Profile } = require('pprof-format');
  const { createPprofHandler } = require('@rulescope/profiler/http');
  let stopped = false;
  (function work() {
    if (stopped) return;
    const end = performance.now() + 5;
    while (performance.now() < end) Math.sqrt(end);
    setImmediate(work);
  })();
  const server = http.createServer(createPprofHandler()).listen(0, '127.0.0.1', () => {
    const url = 'http://127.0.0.1:' + server.address().port + '/debug/pprof/profile?seconds=4&hz=1000&lines=1';
    http.get(url, (response) => {
      stopped = true;
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
        const { comment, stringTable } = Profile.decode(gunzipSync(Buffer.concat(chunks)));
        const comments = comment.map((index) => stringTable.strings[Number(index)]);
        console.log(JSON.stringify({ pieces, starts, comments }));
        server.close();
      });
    });
  });
`;

interface ByLine {
  readonly pieces: readonly { samples: number; startTime: number; endTime: number }[];
  readonly starts: number;
  readonly comments: readonly string[];
}

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

  it('by line is one piece of many, and no sample is lost between the pieces', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', BY_LINE], {
      cwd: __dirname,
      timeout: 50_000,
    });
    const { pieces, starts, comments } = JSON.parse(stdout) as ByLine;
    // A piece ends every second. The first of these timers is due before that of the request,
    // so it also comes first in an event loop that is late.
    assert.ok(pieces.length >= 2, `${pieces.length} pieces`);
    pieces.slice(1).forEach(({ startTime }, index) => {
      assert.ok(startTime <= pieces[index]!.endTime, `a gap after piece ${index}`);
    });
    assert.equal(starts, 1, "V8's profiler describes all compiled code at each start");
    const samples = pieces.reduce((sum, piece) => sum + piece.samples, 0);
    assert.ok(comments.includes(`${samples} samples`), comments.join());
  });
});
