/** The tasks of a Piscina pool. */
import { RuleInstrumentation, getRule, withCarriedRule } from 'rulescope';
import { work } from './work';

new RuleInstrumentation();

module.exports = withCarriedRule((units: number) => {
  work(units);
  return getRule();
});
