/** Which of our pages a request is for. */
export interface Place {
  /** What follows the mount point: `profile`; empty for the index. */
  readonly name: string;
  /** Without the `?`. */
  readonly query: string;
  /** The path of the index page as the client wrote it; without a slash at its end when the client left that out. */
  readonly indexPath: string;
}

/**
 * Finds a request's place. Pure.
 *
 * @param url As the handler gets it.
 * @param originalUrl As the client sent it, where a framework (Express, connect) took the mount point off `url`.
 * @param path The handler's own path, for a server without mount points; `/` or without a slash at its end.
 * @returns `undefined` when it is for none of ours, whatever is there.
 */
export function locate(
  url: string,
  originalUrl: string | undefined,
  path: string,
): Place | undefined {
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

/** Where the index is when the client left out its last slash, without which its links would lead astray. Relative. */
export function slashAdded({ indexPath, query }: Place): string | undefined {
  if (indexPath.endsWith('/')) return undefined;
  const last = indexPath.slice(indexPath.lastIndexOf('/') + 1);
  return `./${last}/${query === '' ? '' : `?${query}`}`;
}

function split(url: string): [pathname: string, query: string] {
  const mark = url.indexOf('?');
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
}
