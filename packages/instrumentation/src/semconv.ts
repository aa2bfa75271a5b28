/**
 * The rule: an attribute of spans, and a key in W3C Baggage. The metrics have the same attribute.
 * As both names are one, a processor that copies baggage to spans gives them the same attribute.
 */
export const ATTR_RULE_ID = 'rulescope.rule.id';
