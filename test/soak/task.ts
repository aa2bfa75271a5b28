/** The tasks of the pool. Each tells the rule it ran in. */
import { RuleInstrumentation, getRule, withCarriedRule } from 'rulescope';
import { burn } from './pace';

new RuleInstrumentation();

module.exports = withCarriedRule((task: { burn: number }) => {
  burn(task.burn);
  return getRule();
});
