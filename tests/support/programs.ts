/** Programs as their users start them: compiled, from `dist`. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** The top of this repository. */
export const top = fileURLToPath(new URL('../..', import.meta.url));

let isBuilt = false;

/** Makes `dist` what `npm start` would run. Looks once in each test file. */
export function build(): void {
  if (isBuilt) return;
  execFileSync(process.execPath, [join(top, 'scripts', 'build.mjs')], { stdio: 'inherit' });
  isBuilt = true;
}

/** Where a source, `scripts/user.ts`, is when it has been compiled. */
export const compiled = (source: string, root: string = top): string =>
  join(root, 'dist', source.replace(/\.ts$/, '.js'));
