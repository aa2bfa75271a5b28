/** A sandboxed processor of BullMQ. It tells the rules that it was in. */
const { getRule } = require('rulescope');

module.exports = async (job) => {
  const before = getRule() ?? null;
  await job.updateProgress(50);
  return { value: [job.name, job.data], rules: [before, getRule() ?? null] };
};
