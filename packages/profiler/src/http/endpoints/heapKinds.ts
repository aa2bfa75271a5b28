/** The two endpoints on the heap: what each says, and which sample type is its own. */
export const HEAP_KINDS = {
  heap: {
    sampleType: 'inuse_space',
    summary: 'What uses memory.',
    always: 'Of what was allocated since the application started: what is in use now.',
    duringSeconds:
      'Of what is allocated in the seconds you ask for: what is in use at their end (the option heap keeps sampling on).',
  },
  allocs: {
    sampleType: 'alloc_space',
    summary: 'What allocates memory.',
    always: 'All that was allocated since the application started.',
    duringSeconds: 'All that is allocated in the seconds you ask for.',
  },
} as const;

export type HeapKind = keyof typeof HEAP_KINDS;
