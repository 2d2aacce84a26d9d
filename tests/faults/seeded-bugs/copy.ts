import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { build, compiled, top } from '../../support/programs.ts';
import type { SeededBug } from './bugs.ts';

export interface Copy extends Disposable {
  root: string;
}

const { compilerOptions } = ts.readConfigFile(join(top, 'tsconfig.json'), (path) => readFileSync(path, 'utf8'))
  .config as { compilerOptions: object };
// A single file does not tell that its package has modules.
const { options } = ts.convertCompilerOptionsFromJson({ ...compilerOptions, module: 'esnext', sourceMap: false }, top);

/** The compiled server in a folder of its own, with these changes to its sources. */
export function copySources(changes: SeededBug['changes']): Copy {
  build();
  const root = mkdtempSync(join(tmpdir(), 'messenger-copy-'));
  for (const name of ['src', 'dist/src', 'drizzle', 'package.json'])
    cpSync(join(top, name), join(root, name), { recursive: true });
  symlinkSync(join(top, 'node_modules'), join(root, 'node_modules'), 'junction');
  const changed = new Map<string, string>();
  for (const { file, find, put } of changes) {
    const parts = (changed.get(file) ?? readFileSync(join(top, file), 'utf8')).split(find);
    if (parts.length !== 2) throw new Error(`${file} has this ${parts.length - 1} times and not once:\n${find}`);
    changed.set(file, parts.join(put));
  }
  for (const [file, text] of changed) {
    if (file.endsWith('.ts'))
      writeFileSync(compiled(file, root), ts.transpileModule(text, { compilerOptions: options }).outputText);
    else writeFileSync(join(root, file), text);
  }
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}
