import { Mapping } from 'pprof-format';

/**
 * Addresses above all code of any program. JavaScript has no addresses in the file of the program.
 */
const MEMORY_START = 2 ** 46;
const MEMORY_LIMIT = 2 ** 46 + 2 ** 20;

/**
 * Returns the mapping with the id 1, which stands for the program, for profiles with names and
 * lines.
 *
 * It has the name of the program without its directory, because pprof opens a file that it finds.
 * `-weblist` would then show machine code of Node.js instead of lines of JavaScript. It has an
 * address range, because without one `go tool pprof` 1.19 panics on a file that it can open.
 *
 * @param program Path of the program.
 * @param text Returns the index of a string in the profile.
 */
export function programMapping(program: string, text: (value: string) => number): Mapping {
  return new Mapping({
    id: 1,
    memoryStart: MEMORY_START,
    memoryLimit: MEMORY_LIMIT,
    filename: text(program.replace(/^.*[/\\]/, '')),
    hasFunctions: true,
    hasFilenames: true,
    hasLineNumbers: true,
  });
}
