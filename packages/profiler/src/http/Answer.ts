import type { Refusal } from './Refusal';

/** What is sent back. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Left out when the request is a HEAD. */
  readonly body: string | Uint8Array;
}

const TEXT = 'text/plain; charset=utf-8';

/** A profile as a download, as Go's net/http/pprof sends it: the gzip is part of pprof's format, not an encoding of HTTP's. */
export function profileAnswer(fileName: ProfileFileName, body: Uint8Array): Answer {
  return {
    status: 200,
    headers: {
      'Content-Type': 'application/octet-stream',
      'Content-Disposition': `attachment; filename="${fileName}"`,
    },
    body,
  };
}

/** Fixed names: nothing that comes from outside gets into a header. */
export type ProfileFileName =
  'profile.pb.gz' | 'profile-lines.pb.gz' | 'heap.pb.gz' | 'allocs.pb.gz';

export function textAnswer(text: string): Answer {
  return { status: 200, headers: { 'Content-Type': TEXT }, body: text };
}

/** `go tool pprof` prints the text of an answer that has the header `X-Go-Pprof`. */
export function refusalAnswer({ status, message, headers }: Refusal): Answer {
  return {
    status,
    headers: { ...headers, 'Content-Type': TEXT, 'X-Go-Pprof': '1' },
    body: `${message}\n`,
  };
}

/** @param location Relative, so that it is right behind any proxy. */
export function redirectAnswer(location: string): Answer {
  return {
    status: 302,
    headers: { 'Content-Type': TEXT, Location: location },
    body: `It is at ${location}\n`,
  };
}
