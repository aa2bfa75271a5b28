import type { ProfileWindow, WindowOrigin } from './ProfileWindow';

/** Returns a frozen copy of `fields`. Pure. */
export function freezeWindow(fields: ProfileWindow): ProfileWindow {
  return Object.freeze({
    ...fields,
    origin: freezeOrigin(fields.origin),
    cpu: Object.freeze({ ...fields.cpu }),
    samples: Object.freeze({ ...fields.samples }),
  });
}

/**
 * Returns an incomplete window like `window` with `changes`. Its samples count as lost. Pure.
 */
export function withoutSamples(
  window: ProfileWindow,
  changes: Partial<ProfileWindow>,
): ProfileWindow {
  const { taken, lost } = window.samples;
  return freezeWindow({
    ...window,
    samples: { taken: 0, lost: lost + taken },
    complete: false,
    root: undefined,
    ...changes,
  });
}

function freezeOrigin(origin: WindowOrigin): WindowOrigin {
  if (Object.isFrozen(origin)) return origin;
  return Object.freeze({ ...origin, comments: Object.freeze([...origin.comments]) });
}
