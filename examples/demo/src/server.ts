import { readFile } from 'node:fs/promises';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { dirname, join } from 'node:path';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const PUBLIC = join(__dirname, '..', '..', 'public');
const UPLOT = dirname(require.resolve('uplot/dist/uPlot.iife.min.js'));

const FILES: Record<string, { file: string; type: string }> = {
  '/': { file: join(PUBLIC, 'index.html'), type: 'text/html; charset=utf-8' },
  '/page.js': { file: join(PUBLIC, 'page.js'), type: 'text/javascript; charset=utf-8' },
  '/page.css': { file: join(PUBLIC, 'page.css'), type: 'text/css; charset=utf-8' },
  '/uplot.js': { file: join(UPLOT, 'uPlot.iife.min.js'), type: 'text/javascript; charset=utf-8' },
  '/uplot.css': { file: join(UPLOT, 'uPlot.min.css'), type: 'text/css; charset=utf-8' },
};

/** Serves the page, `/metrics` and `/windows` on loopback. Rejects if the port is not available. */
export async function serve(port: number, metrics: Handler, windows: Handler): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
    } else if (pathname === '/metrics') {
      metrics(request, response);
    } else if (pathname === '/windows') {
      windows(request, response);
    } else {
      void sendFile(FILES[pathname], response);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

async function sendFile(
  entry: { file: string; type: string } | undefined,
  response: ServerResponse,
): Promise<void> {
  if (entry === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
    return;
  }
  try {
    const body = await readFile(entry.file);
    response.writeHead(200, {
      'content-type': entry.type,
      'content-security-policy':
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'",
      'x-content-type-options': 'nosniff',
    });
    response.end(body);
  } catch {
    response.writeHead(500, { 'content-type': 'text/plain' }).end('cannot read the file\n');
  }
}
