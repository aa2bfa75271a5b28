import assert from 'node:assert/strict';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  NodeRedAdapter,
  type NodeRedConfig,
  type NodeRedNode,
} from '../../src/adapters/NodeRedAdapter';
import { getRule, withRule } from '../../src/rule';
import { cleanGlobals, register } from '../support/globals';
import { patchFile } from '../support/patchFile';

type Rule = string | undefined;

const GLOBAL = { id: 'global', flow: {}, isGlobalFlow: true };
const TAB = { id: 'f1', flow: { label: 'Flow 1' }, isGlobalFlow: false, parent: GLOBAL };
const OUTER = { id: 's1', flow: {}, isGlobalFlow: false, parent: TAB, subflowInstance: {} };
const INNER = { id: 's2', flow: {}, isGlobalFlow: false, parent: OUTER, subflowInstance: {} };

describe('NodeRedAdapter', () => {
  cleanGlobals();
  beforeEach(() => register(new AsyncLocalStorageContextManager()));

  /**
   * Returns the rules in which a node of `flow` is made, gets and sends a message, and ends. All of
   * this is called in a rule.
   */
  function rulesOf(config: NodeRedConfig, flow?: object, name?: string): Rule[] {
    class Node {
      readonly id = 'n1';
      readonly type = 'function';
      constructor(
        readonly _flow = flow,
        readonly name?: string,
      ) {}
      _emitInput(): Rule {
        return getRule();
      }
      send(): Rule {
        return getRule();
      }
      close(): Rule {
        return getRule();
      }
    }
    const util = { createNode: (_flow: unknown, _config: object): Rule => getRule() };
    const adapter = new NodeRedAdapter(config);
    patchFile(adapter, 'lib/nodes/Node.js', Node);
    patchFile(adapter, 'lib/flows/util.js', util);
    const node = new Node(flow, name);
    return withRule('caller', () => [
      util.createNode(flow, { id: 'n1', type: 'function', name }),
      node._emitInput(),
      node.send(),
      node.close(),
    ]);
  }
  const four = (rule: Rule): Rule[] => [rule, rule, rule, rule];

  it('takes the label of the flow, or else its id', () => {
    assert.deepEqual(rulesOf({}, TAB), four('Flow 1'));
    assert.deepEqual(rulesOf({}, { ...TAB, flow: {} }), four('f1'));
    assert.deepEqual(rulesOf({}, { ...TAB, flow: { label: '' } }), four('f1'));
  });

  it('takes the flow that holds the instance of a subflow', () => {
    assert.deepEqual(rulesOf({}, OUTER), four('Flow 1'));
    assert.deepEqual(rulesOf({}, INNER), four('Flow 1'));
  });

  it('leaves what belongs to no flow in the rule of its caller', () => {
    assert.deepEqual(rulesOf({ ruleOf: () => 'mine' }, GLOBAL), four('caller'));
    assert.deepEqual(rulesOf({ ruleOf: () => 'mine' }, undefined), four('caller'));
  });

  it('takes what ruleOf returns, such as the name of the node', () => {
    const seen: NodeRedNode[] = [];
    const ruleOf = (node: NodeRedNode): string => {
      seen.push(node);
      return node.name ?? node.id;
    };
    assert.deepEqual(rulesOf({ ruleOf }, TAB, 'parse'), four('parse'));
    assert.deepEqual(rulesOf({ ruleOf }, TAB), four('n1'));
    const flow = { id: 'f1', label: 'Flow 1' };
    const node = { id: 'n1', type: 'function', name: 'parse', flow };
    assert.deepEqual(seen.slice(0, 4), [node, node, node, node]);
  });

  it('starts a flow outside any rule', () => {
    const rules: Rule[] = [];
    class Flow {
      async start(): Promise<void> {
        rules.push(getRule());
        await Promise.resolve();
        rules.push(getRule());
      }
    }
    patchFile(new NodeRedAdapter(), 'lib/flows/Flow.js', { Flow });
    return withRule('deploy', async () => {
      await new Flow().start();
      assert.deepEqual([...rules, getRule()], [undefined, undefined, 'deploy']);
    });
  });

  it('does nothing while it is off', () => {
    assert.deepEqual(rulesOf({ enabled: false }, TAB), four('caller'));
  });
});
