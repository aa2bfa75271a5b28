export { heapSupport, openHeap } from './openHeap';
export type { HeapReader, HeapSupport } from './HeapReader';
export type { HeapOptions } from './options';
