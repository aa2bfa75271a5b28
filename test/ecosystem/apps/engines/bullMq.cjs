/** Workers of two queues, one with sandboxes. Arguments: setup, library, socket of Redis. */
const [, , setup, library, path] = process.argv;
const { report, see, workInTurns } = require(setup);
const { Queue, QueueEvents, Worker } = require(library);
const { withRule } = require('rulescope');

const connection = { path, maxRetriesPerRequest: null };

/** Waits for a job. Returns its name and what came of it. */
async function outcome(job, events) {
  const value = await job
    .waitUntilFinished(events)
    .catch(({ name, message }) => `${name}: ${message}`);
  return [job.name, value];
}

async function processJob(job) {
  see(`processor of ${job.name}`);
  await workInTurns(job.data.units);
  see(`later part of ${job.name}`);
  await job.updateProgress(50);
  if (job.name === 'failing') throw new RangeError('failed');
  return { units: job.data.units };
}

async function main() {
  const queue = new Queue('work', { connection });
  const events = new QueueEvents('work', { connection });
  // Two at a time: their parts alternate.
  const worker = withRule(
    'opener',
    () => new Worker('work', processJob, { connection, concurrency: 2 }),
  );
  for (const event of ['active', 'completed', 'failed', 'progress']) {
    worker.on(event, (job) => see(`${event} of ${job.name}`));
  }
  worker.on('drained', () => see('drained'));
  await events.waitUntilReady();
  const add = (name, units) => queue.add(name, { units });
  const both = async () => {
    const jobs = await Promise.all([add('heavy', 3), add('light', 1)]);
    return Promise.all(jobs.map((job) => outcome(job, events)));
  };
  const results = [await both(), await outcome(await add('failing', 1), events)];
  await both();

  for (const useWorkerThreads of [true, false]) {
    const place = useWorkerThreads ? 'thread' : 'process';
    const sandboxed = new Queue(place, { connection });
    const ended = new QueueEvents(place, { connection });
    await ended.waitUntilReady();
    const sandbox = new Worker(place, require.resolve('./sandbox.cjs'), {
      connection,
      useWorkerThreads,
    });
    const job = await sandboxed.add('heavy', { units: 1 });
    const [, { value, rules }] = await outcome(job, ended);
    results.push(value);
    for (const rule of rules) see(`sandbox in a ${place}`, rule);
    await Promise.all([sandbox.close(), sandboxed.close(), ended.close()]);
  }

  await report(results, ['work:heavy', 'work:light'], both, () =>
    Promise.all([worker.close(), queue.close(), events.close()]),
  );
}

main();
