import { type AdapterConfig, type LibraryFile, RuleAdapter } from './RuleAdapter';

/** A node of Node-RED. */
export interface NodeRedNode {
  readonly id: string;
  readonly type: string;
  readonly name: string | undefined;
  /**
   * The flow: a tab of the editor. For a node in a subflow: the flow that holds the instance of the
   * subflow.
   */
  readonly flow: { readonly id: string; readonly label: string | undefined };
}

/** Options of {@link NodeRedAdapter}. */
export interface NodeRedConfig extends AdapterConfig {
  /**
   * Returns the rule id of a node, or `undefined` to leave its work to the rule of the caller.
   * Default: the label of its flow; if it has none, the id of the flow.
   */
  readonly ruleOf?: (node: NodeRedNode) => string | undefined;
}

/** The class `Flow` or `Subflow`. */
interface Flow {
  readonly id: string;
  readonly flow: { readonly label?: string };
  readonly isGlobalFlow: boolean;
  /** A subflow only. */
  readonly subflowInstance?: object;
  /** Of a subflow: the flow or subflow that holds the instance. */
  readonly parent: Flow;
  start(diff?: unknown): Promise<void>;
}

/** What the class `Node` and the configuration of a node have. */
interface NodeFields {
  readonly id: string;
  readonly type: string;
  readonly name?: string;
}

/** The class `Node`. */
interface Node extends NodeFields {
  readonly _flow?: Flow;
  _emitInput(message: unknown): void;
  send(message: unknown): void;
  close(removed: boolean): Promise<void>;
}

type CreateNode = (flow: Flow, config: NodeFields) => Promise<unknown>;

/**
 * Runs each node of Node-RED in the rule of its flow: what its constructor does and starts, the
 * messages that it gets, those that it sends, and its end. A configuration node that belongs to no
 * flow is in no rule.
 */
export class NodeRedAdapter extends RuleAdapter<NodeRedConfig> {
  /** @throws InvalidOptionError that names the option, its value and what is allowed. */
  constructor(config: NodeRedConfig = {}) {
    super('node-red', config, ['ruleOf']);
  }

  protected override files(): LibraryFile<never>[] {
    const library = { library: '@node-red/runtime', versions: ['>=4 <6'] };
    const ruleOf = ({ id, type, name }: NodeFields, flow?: Flow): string | undefined => {
      const tab = flow === undefined ? undefined : tabOf(flow);
      return tab && (this._config.ruleOf ?? labelOf)({ id, type, name, flow: tab });
    };
    return [
      {
        ...library,
        path: 'lib/nodes/Node.js',
        patch: ({ prototype }: { prototype: Node }) => {
          for (const method of ['_emitInput', 'send', 'close'] as const) {
            this.wrapRule(prototype, method, (...[node]) => ruleOf(node, node._flow));
          }
        },
      },
      {
        ...library,
        path: 'lib/flows/util.js',
        patch: (exports: { createNode: CreateNode }) =>
          this.wrapRule(exports, 'createNode', (_, flow, config) => ruleOf(config, flow)),
      },
      {
        ...library,
        path: 'lib/flows/Flow.js',
        // A request to deploy flows would otherwise own what configuration nodes open.
        patch: ({ Flow }: { Flow: { prototype: Flow } }) =>
          this.detachMethod(Flow.prototype, 'start'),
      },
    ];
  }
}

/** Returns the flow of the editor that `flow` is or is part of. `undefined` for the global flow. */
function tabOf(flow: Flow): NodeRedNode['flow'] | undefined {
  let tab = flow;
  while (tab.subflowInstance !== undefined) tab = tab.parent;
  return tab.isGlobalFlow ? undefined : { id: tab.id, label: tab.flow.label };
}

function labelOf({ flow }: NodeRedNode): string {
  // The editor saves an empty label when the user clears it.
  return flow.label || flow.id;
}
