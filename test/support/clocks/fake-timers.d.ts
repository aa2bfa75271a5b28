declare module '@sinonjs/fake-timers' {
  export type FakeMethod =
    | 'setTimeout'
    | 'clearTimeout'
    | 'setInterval'
    | 'clearInterval'
    | 'setImmediate'
    | 'clearImmediate'
    | 'Date'
    | 'hrtime'
    | 'performance'
    | 'nextTick'
    | 'queueMicrotask';
  export function install(config: { now: number; toFake: FakeMethod[] }): {
    tick(millis: number): void;
    runAll(): void;
    countTimers(): number;
  };
}
