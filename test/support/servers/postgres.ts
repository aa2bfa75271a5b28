import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestServer, startServer } from './startServer';

const VERSIONS = '/usr/lib/postgresql';

/** Starts PostgreSQL with the user `postgres`, who needs no password. */
export function startPostgres(): Promise<TestServer> {
  const [version] = readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a));
  const programs = join(VERSIONS, version!, 'bin');
  const options = "-h 127.0.0.1 -c unix_socket_directories='' -c fsync=off";
  return startServer({
    script: (port) =>
      `${programs}/initdb -D data -U postgres --auth=trust --no-sync &&
       exec ${programs}/postgres -D data -p ${port} ${options}`,
    ready: /ready to accept connections/,
    // It refuses to run as root.
    user: 'postgres',
    signal: 'SIGINT',
  });
}
