import type { Helpers } from '../Helpers';
import type { Work } from '../Work';

/** Stops what a driver has started. */
export type Stop = () => void;

/** Runs bursts of the rules of `work` from now on. */
export type Driver = (work: Work, helpers: Helpers) => Stop | Promise<Stop>;
