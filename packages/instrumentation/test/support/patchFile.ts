import type { LibraryFile, RuleAdapter } from '../../src/adapters/RuleAdapter';

/**
 * Lets an adapter change a stand-in for a file of its library.
 *
 * @param path As the adapter names it: the main file has none.
 */
export function patchFile(adapter: RuleAdapter, path: string | undefined, exports: object): void {
  const { files } = adapter as unknown as { files(): LibraryFile<object>[] };
  const file = files.call(adapter).find((each) => each.path === path);
  if (file === undefined) throw new Error(`the adapter changes no file ${path}`);
  file.patch(exports);
}
