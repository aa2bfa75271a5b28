/** Returns how many resources of this type keep the process alive now. */
export function active(type: 'Timeout' | 'MessagePort'): number {
  return process.getActiveResourcesInfo().filter((each) => each === type).length;
}
