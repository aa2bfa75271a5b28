import { strict as assert } from 'node:assert';
import { runProgram, startProgram } from '../support/program';
import { PROCESS } from '../support/propagation';

const SERVER = `${PROCESS}
  start({ propagate: true, incomingRule: (id) => (id === 'refused' ? undefined : id) });
  require('node:http').createServer((request, response) => {
    const answer = (value) => response.end(JSON.stringify(value));
    if (request.url === '/figures') {
      void reader.rules().then((rules) => answer({ rules, spanRules }));
      return;
    }
    receive(request.headers, () =>
      trace.getTracer('server').startActiveSpan('request', async (span) => {
        const result = { ...(await work()), baggage: headers().baggage ?? null };
        span.end();
        answer(result);
      }),
    );
  }).listen(0, '127.0.0.1', function () { console.log('port=' + this.address().port + ';'); });
`;

const client = (port: number, config: string): string => `${PROCESS}
  start(${config});
  const url = 'http://127.0.0.1:${port}/';
  const ask = async (path = '') => (await fetch(url + path, { headers: headers() })).json();
`;

const IDS = ['price alerts/ü,;=', 'refused', '😀'];

describe('rules across processes', () => {
  it('arrive over HTTP: the server measures its work for the rule of the client', async () => {
    const server = startProgram(SERVER);
    try {
      const port = Number((await server.waitFor(/port=(\d+);/))[1]);
      const { json } = await runProgram(
        `${client(port, '{ propagate: true }')}
        (async () => {
          const outside = await ask();
          const answers = [];
          for (const id of ${JSON.stringify(IDS)}) {
            answers.push(await withRule('outer', () => withRule(id, () => ask())));
          }
          json({ outside, answers });
          // A rule has a series once a sample has found it. How soon is up to the machine.
          for (;;) {
            const figures = await ask('figures');
            const arrived = answers.filter(({ rule }) => rule !== null).length;
            if (figures.rules.length >= arrived) return json(figures);
            for (const id of ${JSON.stringify(IDS)}) await withRule(id, () => ask());
          }
        })().then(() => process.exit());`,
      );
      const [first, figures] = json as [
        { outside: unknown; answers: unknown },
        { rules: string[]; spanRules: (string | null)[] },
      ];
      assert.deepEqual(first.outside, { rule: null, label: null, baggage: null });
      const expected = IDS.map((id) => {
        const rule = id === 'refused' ? null : id;
        return { rule, label: rule, baggage: `rulescope.rule.id=${encodeURIComponent(id)}` };
      });
      assert.deepEqual(first.answers, expected);
      assert.deepEqual(figures.rules, [IDS[0], IDS[2]]);
      assert.deepEqual(figures.spanRules.slice(0, 4), [null, IDS[0], null, IDS[2]]);
    } finally {
      await server.stop('SIGKILL');
    }
  });

  it('stay in their process unless asked', async () => {
    const server = startProgram(SERVER);
    try {
      const port = Number((await server.waitFor(/port=(\d+);/))[1]);
      const { json } = await runProgram(
        `${client(port, '{}')}
        withRule('here', () => ask()).then(json).then(() => process.exit());`,
      );
      assert.deepEqual(json, [{ rule: null, label: null, baggage: null }]);
    } finally {
      await server.stop('SIGKILL');
    }
  });
});
