import type { Profile } from '../pprof/Profile';
import { toPprof } from '../pprof/toPprof';
import type { ProfileWindow } from './ProfileWindow';

/** A frozen window of these fields, which builds its profile when it is first asked for. Pure. */
export function freezeWindow(fields: Omit<ProfileWindow, 'profile'>): ProfileWindow {
  let profile: Profile | undefined;
  const window = {
    ...fields,
    cpu: Object.freeze({ ...fields.cpu }),
    samples: Object.freeze({ ...fields.samples }),
  } as ProfileWindow;
  // Not enumerable: whoever copies or prints a window does not mean to build its profile.
  Object.defineProperty(window, 'profile', {
    get(): Profile {
      if (fields.error !== undefined) throw fields.error;
      return (profile ??= toPprof(window));
    },
  });
  return Object.freeze(window);
}
