import type { Helpers } from '../Helpers';
import type { Work } from '../Work';

/** Stops what a driver started. */
export type Stop = () => void;

/** Starts to run bursts of the rules of `work`. */
export type Driver = (work: Work, helpers: Helpers) => Stop | Promise<Stop>;
