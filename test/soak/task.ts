/** The tasks of the pool. Each returns the rule in which it ran. */
import { RuleInstrumentation, getRule, withCarriedRule } from 'rulescope';
import { burn } from './pace';

new RuleInstrumentation();

module.exports = withCarriedRule((task: { burn: number }) => {
  burn(task.burn);
  return getRule();
});
