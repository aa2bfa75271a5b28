import { freePort, run } from '../processes';
import { type TestServer, startServer } from './startServer';

/** Starts RabbitMQ and the name server that its runtime needs. */
export async function startRabbitmq(): Promise<TestServer> {
  const [names, distribution] = [await freePort(), await freePort()];
  // The runtime would start it as a daemon that outlives the server.
  const nameServer = run('epmd', ['-address', '127.0.0.1', '-port', String(names)]);
  const server = await startServer({
    script: (port, directory) => {
      const environment = {
        HOME: directory,
        ERL_EPMD_ADDRESS: '127.0.0.1',
        ERL_EPMD_PORT: names,
        RABBITMQ_NODENAME: `rulescope-${port}@localhost`,
        RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
        RABBITMQ_NODE_PORT: port,
        RABBITMQ_DIST_PORT: distribution,
        RABBITMQ_MNESIA_BASE: `${directory}/data`,
        RABBITMQ_ENABLED_PLUGINS_FILE: `${directory}/plugins`,
        RABBITMQ_CONF_ENV_FILE: `${directory}/none`,
        RABBITMQ_CONFIG_FILE: `${directory}/none`,
        RABBITMQ_LOGS: '-',
        // Makes the runtime take the place of the shell, so that it gets the signals.
        RABBITMQ_ALLOW_INPUT: '1',
      };
      const variables = Object.entries(environment).map(([name, value]) => `${name}='${value}'`);
      return `exec env ${variables.join(' ')} /usr/lib/rabbitmq/bin/rabbitmq-server -noinput`;
    },
    ready: /Server startup complete/,
    user: 'rabbitmq',
  });
  return {
    ...server,
    stop: async () => {
      await server.stop();
      await nameServer.stop();
    },
  };
}
