/** What a browser waits for when it opens the web client for the first time, as the build in a folder has it. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Who has not logged in, and who has. */
export const parts = ['gate', 'shell'] as const;
type Part = (typeof parts)[number];

/** The scripts that a script imports before it runs; not those that it fetches later. */
export const listImports = (code: string): string[] =>
  [...code.matchAll(/(?:^|[;\s}])(?:import|export)\s*(?:[\w*{][^'"`;()]*?from\s*)?["'`]\.\/([\w.-]+\.js)["'`]/g)].map(
    ([, name]) => name!,
  );

/**
 * The scripts that one waits for until there is the way in, or a chat: those that the page names, the part for who has not
 * logged in or has, and all that these import.
 */
export function listFirst(folder: string, part: Part): string[] {
  const assets = join(folder, 'assets');
  const isOfPart = new RegExp(`^${part}-[\\w-]{8}\\.js$`);
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  const named = [...page.matchAll(/(?:src|href)="\/assets\/([\w.-]+\.js)"/g)].map(([, name]) => name!);
  const ofPart = readdirSync(assets).filter((name) => isOfPart.test(name));
  if (named.length === 0 || ofPart.length !== 1) throw new Error(`${folder} is no build of the web client`);
  const found = new Set<string>();
  const wanted = [...named, ...ofPart];
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    wanted.push(...listImports(readFileSync(join(assets, name), 'utf8')));
  }
  return [...found];
}

/** Their bytes, gzipped. */
export const countFirst = (folder: string, part: Part): number =>
  listFirst(folder, part).reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, 'assets', name))).length, 0);
