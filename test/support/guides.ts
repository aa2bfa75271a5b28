import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './repository';

const GUIDES = join(ROOT, 'docs/backends');

/** Names of the guides to backends. */
export const GUIDE_NAMES = readdirSync(GUIDES).filter((name) => name.endsWith('.md'));

export function readGuide(name: string): string {
  return readFileSync(join(GUIDES, name), 'utf8');
}

/** Returns the code blocks of a guide in a language. */
export function codeBlocks(name: string, language: string): string[] {
  const blocks = readGuide(name).matchAll(/^```(\w+)\n([^]*?)^```$/gm);
  return [...blocks].filter(([, found]) => found === language).map(([, , code]) => code!);
}
