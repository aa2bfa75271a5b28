import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { allocate, spin } from './burn';

/** What a burst of work is made of. `http` arrives from outside, see `serve`. */
export type WorkKind = 'sync' | 'awaits' | 'timers' | 'alloc' | 'blocking' | 'http';

/** Runs one synchronous piece, measured. */
type Piece = (fn: () => void) => void;

/** One burst of work of `millis` of CPU, in the rule that is current. */
export type Burst = (millis: number, piece: Piece) => void | Promise<void>;

/** The burst of a kind, and what to call when no more is needed. */
export function createBurst(kind: WorkKind): { burst: Burst; close: () => void } {
  const close = (): void => undefined;
  switch (kind) {
    case 'sync':
    case 'http':
      return { burst: (millis, piece) => piece(() => spin(millis)), close };
    case 'alloc':
      return { burst: (millis, piece) => piece(() => allocate(millis)), close };
    case 'awaits':
      return { burst: inAwaits, close };
    case 'timers':
      return { burst: inTimers, close };
    case 'blocking':
      return blocking();
  }
}

async function inAwaits(millis: number, piece: Piece): Promise<void> {
  for (let part = 0; part < 4; part++) {
    piece(() => spin(millis / 4));
    if (part % 2 === 0) await Promise.resolve();
    else await new Promise(setImmediate);
  }
}

async function inTimers(millis: number, piece: Piece): Promise<void> {
  for (let part = 0; part < 2; part++) {
    await sleep(1);
    piece(() => spin(millis / 2));
  }
}

/** CPU, then 40 ms in a read from a pipe into which a child writes, or in a child that sleeps. */
function blocking(): { burst: Burst; close: () => void } {
  const directory = mkdtempSync(join(tmpdir(), 'rulescope-accuracy-'));
  const path = join(directory, 'pipe');
  execFileSync('mkfifo', [path]);
  const writer = spawn('sh', ['-c', `while sleep 0.04 && echo; do :; done > ${path}`], {
    stdio: 'ignore',
  });
  const pipe = openSync(path, 'r');
  const byte = Buffer.alloc(1);
  let turn = 0;
  return {
    burst: (millis, piece) =>
      piece(() => {
        spin(millis);
        if (turn++ % 2 === 0) readSync(pipe, byte);
        else execFileSync('sleep', ['0.04']);
      }),
    close: () => {
      closeSync(pipe);
      writer.kill();
      void once(writer, 'exit').then(() => rmSync(directory, { recursive: true }));
    },
  };
}
