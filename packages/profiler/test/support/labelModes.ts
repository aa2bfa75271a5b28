/**
 * Options of Node.js for each way in which it can carry labels: with AsyncContextFrame and without.
 */
export const LABEL_MODES: Readonly<Record<string, string[]>> = labelModes();

function labelModes(): Record<string, string[]> {
  const [major = 0] = process.versions.node.split('.').map(Number);
  const byDefault = { 'as Node.js carries them by default': [] };
  if (major >= 24) return { ...byDefault, 'by async hooks': ['--no-async-context-frame'] };
  if (major >= 22) {
    return { ...byDefault, 'by AsyncContextFrame': ['--experimental-async-context-frame'] };
  }
  return byDefault;
}
