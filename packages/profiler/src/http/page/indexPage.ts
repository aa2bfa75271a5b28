import type { EndpointHelp } from '../endpoints/Endpoint';
import { escapeHtml } from './escapeHtml';
import { STYLE } from './style';

interface IndexEntry extends EndpointHelp {
  readonly name: string;
}

/**
 * The index page. It refers to nothing outside itself, and to the endpoints relative to where it is. Pure.
 *
 * @param origin Scheme and host as the client sent them, @param indexPath the path: for commands to copy, hence left out unless they are
 *   free of anything that a shell would act upon.
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
<p>Profiles of this process in <a href="https://github.com/google/pprof" rel="noreferrer">pprof</a>’s format. Any number of readers at a time; none disturbs another.</p>
</header>
<main>
${entries.map((entry) => section(entry, base)).join('\n')}
</main>
<footer>rulescope. The commands need Go, and Graphviz for the graphs of <code>-http</code>.</footer>
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
    const lines = commands.map(
      ({ flags, query }) => `go tool pprof ${flags} '${base}${name}${query}'`,
    );
    parts.push(`<pre>${escapeHtml(lines.join('\n'))}</pre>`);
  }
  return `<section>\n${parts.join('\n')}\n</section>`;
}
