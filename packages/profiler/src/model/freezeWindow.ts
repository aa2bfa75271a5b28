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

function freezeOrigin(origin: WindowOrigin): WindowOrigin {
  if (Object.isFrozen(origin)) return origin;
  return Object.freeze({ ...origin, comments: Object.freeze([...origin.comments]) });
}
