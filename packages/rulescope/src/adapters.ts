export * from '@rulescope/instrumentation/adapters';
