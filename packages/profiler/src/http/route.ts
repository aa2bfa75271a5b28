/** The endpoint that a request is for. */
export interface Route {
  /** The path below the mount point, such as `profile`; empty for the index page. */
  readonly name: string;
  /** Without the `?`. */
  readonly query: string;
  /** The path of the index page as the client wrote it, with or without a slash at its end. */
  readonly indexPath: string;
}

/**
 * Finds the route of a request, below the handler's own path or below the mount point of a
 * framework.
 *
 * @param url As the handler gets it.
 * @param originalUrl As the client sent it. Express and connect remove the mount point from `url`.
 * @param path The handler's own path: `/`, or a path without a slash at its end.
 * @returns `undefined` when the request is outside both. The endpoint need not exist.
 */
export function findRoute(
  url: string,
  originalUrl: string | undefined,
  path: string,
): Route | undefined {
  const [pathname, query] = split(url);
  const base = path === '/' ? '' : path;
  if (base !== '' && pathname === base) return { name: '', query, indexPath: pathname };
  if (pathname.startsWith(`${base}/`)) {
    return { name: pathname.slice(base.length + 1), query, indexPath: `${base}/` };
  }
  if (originalUrl === undefined || originalUrl === url) return undefined;
  const [original] = split(originalUrl);
  const name = pathname.slice(1);
  return { name, query, indexPath: original.slice(0, original.length - name.length) };
}

/**
 * Returns the relative location of the index page when the client left out its last slash. Links
 * on the page work only with that slash.
 */
export function indexRedirect({ indexPath, query }: Route): string | undefined {
  if (indexPath.endsWith('/')) return undefined;
  const last = indexPath.slice(indexPath.lastIndexOf('/') + 1);
  return `./${last}/${query === '' ? '' : `?${query}`}`;
}

function split(url: string): [pathname: string, query: string] {
  const mark = url.indexOf('?');
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
}
