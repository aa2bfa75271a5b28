import Mocha from 'mocha';

/**
 * mocha's JSON reporter, which writes its file when all is over. Besides, it prints what begins and what fails: of a
 * run that hangs or dies, that is all there is.
 */
export default class extends Mocha.reporters.JSON {
  constructor(runner, options) {
    super(runner, options);
    for (const begin of ['test', 'hook']) runner.on(begin, (each) => console.log(each.fullTitle()));
    runner.on('fail', (_, error) => console.log(error.stack ?? error));
  }
}
