import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import { type Running, eventually, freePort, run } from './processes';

const execute = promisify(execFile);

/** A function's line in the output of `pprof -top`. */
export interface TopLine {
  readonly flat: string;
  readonly cum: string;
}

/** Runs the real `go tool pprof` on profiles. */
export class GoPprof {
  /** Holds the profiles. Removed by {@link remove}. */
  readonly directory = mkdtempSync(join(tmpdir(), 'rulescope-pprof-'));
  private files = 0;
  private readonly env = {
    ...process.env,
    TZ: 'UTC',
    PPROF_TMPDIR: this.directory,
    HOME: this.directory,
  };

  /** Writes a profile to a file and returns its path. */
  write(profile: Pick<Profile, 'encode'>): string {
    const path = join(this.directory, `${++this.files}.pb`);
    writeFileSync(path, profile.encode());
    return path;
  }

  /** Runs pprof and returns its output. Symbolizing is off, because it rewrites names as in C++. */
  async run(...args: string[]): Promise<Buffer> {
    return this.runIn(process.cwd(), ...args);
  }

  /** Does the same in another working directory. */
  async runIn(cwd: string, ...args: string[]): Promise<Buffer> {
    // A busy machine may answer late. By default, pprof waits less than 7 s for a profile of 1 s.
    const fixed = ['tool', 'pprof', '-symbolize=none', '-timeout=60'];
    const { stdout } = await execute('go', [...fixed, ...args], {
      cwd,
      env: this.env,
      encoding: 'buffer',
      maxBuffer: 1 << 28,
    });
    return stdout;
  }

  /** Runs pprof, which must fail, and returns its stderr. */
  async failure(...args: string[]): Promise<string> {
    return this.run(...args).then(
      () => assert.fail('go tool pprof did not fail'),
      ({ stderr }: { stderr: Buffer }) => String(stderr),
    );
  }

  /** Starts pprof's web server. The caller stops it. */
  async serve(...args: string[]): Promise<Running & { readonly url: string }> {
    // Runs pprof directly, not through `go`, so that the test can stop the process.
    const { stdout } = await execute('go', ['tool', '-n', 'pprof'], { env: this.env });
    const port = await freePort();
    const server = run(
      stdout.trim(),
      ['-symbolize=none', `-http=127.0.0.1:${port}`, '-no_browser', ...args],
      { env: this.env },
    );
    const url = `http://127.0.0.1:${port}`;
    await server.waitFor(/Serving web UI on/);
    // pprof prints this shortly before it listens.
    await eventually('pprof to serve', async () =>
      (await fetch(`${url}/ui/top`)).ok ? true : undefined,
    );
    return { ...server, url };
  }

  async top(...args: string[]): Promise<string> {
    return String(await this.run('-top', ...args));
  }

  /** Returns the exact flat and cum of every function, without the unit. */
  async figures(...args: string[]): Promise<Map<string, TopLine>> {
    const text = await this.top('-unit=nanoseconds', '-nodefraction=0', '-edgefraction=0', ...args);
    const [, table = ''] = text.split(/^ +flat +flat% +sum% +cum +cum%\n/m);
    return new Map(
      [
        ...table.matchAll(
          /^ *(-?\d+)(?:ns)? +\S+% +\S+% +(-?\d+)(?:ns)? +\S+% {2}(.*?)(?: \((?:partial-)?inline\))?$/gm,
        ),
      ].map(([, flat, cum, name]) => [name!, { flat: flat!, cum: cum! }]),
    );
  }

  /** Runs pprof with -proto and returns the resulting profile. */
  async proto(...args: string[]): Promise<Profile> {
    const path = join(this.directory, `${++this.files}.pb.gz`);
    await this.run('-proto', `-output=${path}`, ...args);
    return Profile.decode(gunzipSync(readFileSync(path)));
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
