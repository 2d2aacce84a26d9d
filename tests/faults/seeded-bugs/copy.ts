import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { top } from '../node-process.ts';
import type { SeededBug } from './bugs.ts';

export interface Copy extends Disposable {
  root: string;
}

/** The sources of the server in a folder of their own, with these changes. */
export function copySources(changes: SeededBug['changes']): Copy {
  const root = mkdtempSync(join(tmpdir(), 'messenger-copy-'));
  for (const name of ['src', 'drizzle', 'package.json', 'tsconfig.json'])
    cpSync(join(top, name), join(root, name), { recursive: true });
  symlinkSync(join(top, 'node_modules'), join(root, 'node_modules'), 'junction');
  for (const { file, find, put } of changes) {
    const path = join(root, file);
    const parts = readFileSync(path, 'utf8').split(find);
    if (parts.length !== 2) throw new Error(`${file} has this ${parts.length - 1} times and not once:\n${find}`);
    writeFileSync(path, parts.join(put));
  }
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}
