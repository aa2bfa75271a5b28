import type { ProfileWindow } from './ProfileWindow';

/** Returns a frozen copy of `fields`. Pure. */
export function freezeWindow(fields: ProfileWindow): ProfileWindow {
  return Object.freeze({
    ...fields,
    cpu: Object.freeze({ ...fields.cpu }),
    samples: Object.freeze({ ...fields.samples }),
  });
}
