import { createHash } from 'node:crypto';
import type { Endpoint, EndpointHelp } from './endpoint';

/** The style of the page: light or dark, as the reader's system is. */
const STYLE = `
:root { color-scheme: light dark; --text: #1c2024; --quiet: #60646c; --line: #dfe1e6; --panel: #f6f7f9; --paper: #fff; --link: #0b57b7; --warn: #9a4a00; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e6ea; --quiet: #9ba1a9; --line: #33373d; --panel: #1d2024; --paper: #131518; --link: #7ab3ff; --warn: #f0a45d; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 56rem; padding: 2rem 1.25rem 3rem; background: var(--paper); color: var(--text); font: 15px/1.55 system-ui, sans-serif; }
h1 { margin: 0; font: 600 1.4rem/1.3 ui-monospace, monospace; }
header p { margin: .35rem 0 0; color: var(--quiet); }
section { margin-top: 1.75rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
h2 { margin: 0; font: 600 1.05rem/1.4 ui-monospace, monospace; }
a { color: var(--link); text-underline-offset: .15em; }
section > p { margin: .25rem 0 0; }
.unavailable { color: var(--warn); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1rem; margin: .75rem 0 0; }
dt, code, pre { font-family: ui-monospace, monospace; font-size: .875em; }
dt { padding-top: .1em; }
dd { margin: 0; color: var(--quiet); }
pre { margin: .75rem 0 0; padding: .65rem .85rem; overflow-x: auto; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; line-height: 1.7; }
footer { margin-top: 2.25rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--quiet); font-size: .875rem; }
@media (max-width: 36rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
`;

/** Allows the page its own style, and nothing else: no script, no image, no frame around it. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Returns the endpoint for the page that lists `endpoints`. */
export function indexEndpoint(endpoints: readonly Endpoint[]): Endpoint {
  return {
    name: '',
    answer({ origin, indexPath }) {
      const entries = endpoints.flatMap((endpoint) => {
        const help = endpoint.help?.();
        return help === undefined ? [] : [{ name: endpoint.name, ...help }];
      });
      return {
        status: 200,
        headers: {
          'Content-Type': 'text/html; charset=utf-8',
          'Content-Security-Policy': POLICY,
          'Referrer-Policy': 'no-referrer',
        },
        body: indexPage(entries, origin, indexPath),
      };
    },
  };
}

interface IndexEntry extends EndpointHelp {
  readonly name: string;
}

/**
 * Returns the index page. It links to the endpoints relative to its own address, and loads nothing
 * from other hosts.
 *
 * @param origin Scheme and host as the client wrote them. Commands on the page contain them only
 *   when a shell reads every character literally.
 * @param indexPath The path as the client wrote it; the same holds.
 */
export function indexPage(
  entries: readonly IndexEntry[],
  origin: string,
  indexPath: string,
): string {
  const base =
    (/^https?:\/\/[\w.:[\]-]+$/.test(origin) ? origin : 'http://HOST:PORT') +
    (/^[\w./~-]*$/.test(indexPath) ? indexPath : '/debug/pprof/');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>/debug/pprof/</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>/debug/pprof/</h1>
<p>Profiles of this process in the <a href="https://github.com/google/pprof" rel="noreferrer">pprof</a> format. Any number of clients can read at the same time, each its own profile.</p>
</header>
<main>
${entries.map((entry) => section(entry, base)).join('\n')}
</main>
<footer>Served by rulescope. <code>go tool pprof</code> needs Go; its graphs (<code>-http</code>) also need Graphviz.</footer>
</body>
</html>
`;
}

function section(entry: IndexEntry, base: string): string {
  const { name, summary, unavailable, parameters, commands } = entry;
  const parts = [`<h2><a href="${escapeHtml(name)}">${escapeHtml(name)}</a></h2>`];
  parts.push(`<p>${escapeHtml(summary)}</p>`);
  if (unavailable !== undefined) {
    parts.push(`<p class="unavailable">Not available: ${escapeHtml(unavailable)}</p>`);
  }
  if (parameters.length > 0) {
    const items = parameters.map(
      ({ usage, meaning }) => `<dt>${escapeHtml(usage)}</dt><dd>${escapeHtml(meaning)}</dd>`,
    );
    parts.push(`<dl>${items.join('\n')}</dl>`);
  }
  if (commands.length > 0 && unavailable === undefined) {
    const lines = commands.map(({ command, query }) => `${command} '${base}${name}${query}'`);
    parts.push(`<pre>${escapeHtml(lines.join('\n'))}</pre>`);
  }
  return `<section>\n${parts.join('\n')}\n</section>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Returns `text` for use in an HTML text or attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}
