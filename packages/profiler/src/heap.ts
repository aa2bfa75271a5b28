export { heapSupport, openHeap } from './heap/openHeap';
export type { HeapReader, HeapSupport } from './heap/HeapReader';
export type { HeapOptions } from './heap/options';
