import { type TestServer, startServer } from './startServer';

/** Starts MariaDB with the empty database `test`. Any user may connect, without a password. */
export function startMariadb(): Promise<TestServer> {
  return startServer({
    script: (port, directory) =>
      `mariadb-install-db --no-defaults --datadir='${directory}/data' --skip-name-resolve &&
       exec mariadbd --no-defaults --datadir='${directory}/data' --skip-grant-tables \
         --bind-address=127.0.0.1 --port=${port} --socket='${directory}/socket'`,
    ready: /ready for connections/,
    // It refuses to run as root.
    user: 'mysql',
  });
}
