import Mocha from 'mocha';

/**
 * Mocha's JSON reporter, which writes its file at the end. It also prints each test at its start
 * and each failure, because a run that hangs or dies writes no file.
 */
export default class extends Mocha.reporters.JSON {
  constructor(runner, options) {
    super(runner, options);
    for (const begin of ['test', 'hook']) runner.on(begin, (each) => console.log(each.fullTitle()));
    runner.on('fail', (_, error) => console.log(error.stack ?? error));
  }
}
