/** A headless Node-RED with two flows. Arguments: setup, library, folder for its files. */
const { mkdirSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { join } = require('node:path');
const [, , setup, library, userDir] = process.argv;
const { report, see, workInTurns } = require(setup);
const RED = require(library);
const { withRule } = require('rulescope');

/** A node whose constructor starts a timer, and a node for configuration that all flows use. */
const NODES = `
  module.exports = (RED) => {
    const { see } = RED.settings.functionGlobalContext;
    RED.nodes.registerType('shared', function (config) {
      RED.nodes.createNode(this, config);
      see('shared node');
      this.users = [];
      const timer = setInterval(() => {
        see('timer of the shared node');
        for (const user of this.users.splice(0)) user.send({ payload: 'shared' });
      }, 5);
      this.on('close', () => { clearInterval(timer); see('end of the shared node'); });
    });
    RED.nodes.registerType('source', function (config) {
      RED.nodes.createNode(this, config);
      see('constructor');
      RED.nodes.getNode(config.shared).users.push(this);
      const timer = setInterval(() => { see('timer'); this.send({ payload: 'timer' }); }, 5);
      this.on('close', (done) => setImmediate(() => { clearInterval(timer); see('end'); done(); }));
    });
  };`;

const TYPES = `
  <script type="text/javascript">
    RED.nodes.registerType('shared', { category: 'config', defaults: {} });
    RED.nodes.registerType('source', { category: 'input', defaults: { shared: { type: 'shared' } } });
  </script>`;

const code = (place, units, more = '') => `
  global.get('see')('${place}');
  await global.get('workInTurns')(${units});
  await new Promise((resolve) => setTimeout(resolve, 1));
  global.get('see')('${place}, later');
  ${more}
  return msg;`;

const FLOWS = [
  { id: 'heavy', type: 'tab', label: 'Heavy flow' },
  { id: 'start', type: 'junction', z: 'heavy', wires: [['three']] },
  { id: 'three', type: 'function', z: 'heavy', func: code('function', 3), wires: [['out']] },
  { id: 'out', type: 'link out', z: 'heavy', links: ['in'], wires: [] },
  // A flow without a label. Half of its work is in a subflow that is in a subflow.
  { id: 'light', type: 'tab', label: '' },
  { id: 'in', type: 'link in', z: 'light', links: ['out'], wires: [['instance']] },
  { id: 'instance', type: 'subflow:outer', z: 'light', wires: [['done']] },
  { id: 'done', type: 'function', z: 'light', func: code('last', 0, `global.get('done')(msg);`) },
  subflow('outer', 'nested'),
  { id: 'nested', type: 'subflow:inner', z: 'outer', wires: [[]] },
  subflow('inner', 'one'),
  { id: 'one', type: 'function', z: 'inner', func: code('subflow', 1), wires: [[]] },
  // What nodes do by themselves.
  { id: 'timers', type: 'tab', label: 'Timers' },
  { id: 'settings', type: 'shared' },
  { id: 'reader', type: 'source', z: 'timers', shared: 'settings', wires: [['got']] },
  {
    id: 'got',
    type: 'function',
    z: 'timers',
    initialize: `global.get('see')('function on start')`,
    func: `global.get('see')('message of ' + msg.payload); global.get('got')(msg.payload);`,
    wires: [],
  },
];

function subflow(id, node) {
  const ends = [{ wires: [{ id: node, port: 0 }] }];
  return { id, type: 'subflow', name: id, in: [{ wires: [{ id: node }] }], out: ends };
}

let done;
/** Sends a message through both flows. Resolves with it at the end. */
function message(payload) {
  return new Promise((resolve) => {
    done = resolve;
    RED.nodes.getNode('start').receive({ payload });
  });
}

async function main() {
  mkdirSync(join(userDir, 'nodes'));
  writeFileSync(join(userDir, 'nodes/source.js'), NODES);
  writeFileSync(join(userDir, 'nodes/source.html'), TYPES);
  // The runtime takes a node without a place on the page for configuration.
  const placed = FLOWS.map((node) => (node.wires === undefined ? node : { x: 0, y: 0, ...node }));
  writeFileSync(join(userDir, 'flows.json'), JSON.stringify(placed));
  const waiting = new Map();
  const gotAll = Promise.all(
    ['timer', 'shared'].map((name) => new Promise((resolve) => waiting.set(name, resolve))),
  );
  RED.init(createServer(), {
    userDir,
    flowFile: 'flows.json',
    httpAdminRoot: false,
    httpNodeRoot: false,
    logging: { console: { level: 'off' } },
    functionGlobalContext: {
      see,
      workInTurns,
      done: (msg) => done(msg),
      got: (name) => waiting.get(name)(),
    },
  });
  // Like a request that deploys flows: what they start does not belong to it.
  await withRule('deploy', () => RED.start());
  await gotAll;
  const results = { ...(await message(1)), _msgid: 'random' };
  await report(
    results,
    ['Heavy flow', 'light'],
    () => message(1),
    () => RED.stop(),
  );
}

main();
