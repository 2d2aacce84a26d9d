import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { top } from '../support/programs.ts';
import { makeFolder } from './server-process.ts';

describe('the build before each start', () => {
  let clone: string;
  const build = (lifecycle = 'prestart') =>
    spawnSync(process.execPath, [join(clone, 'scripts', 'build.mjs')], {
      env: { npm_lifecycle_event: lifecycle },
      encoding: 'utf8',
    });
  const source = (name: string): string => join(clone, 'src', name);
  const output = (name: string): string => join(clone, 'dist', 'src', name);

  beforeEach(() => {
    clone = makeFolder();
    mkdirSync(join(clone, 'src'));
    mkdirSync(join(clone, 'scripts'));
    for (const scope of ['@types', '@typescript']) mkdirSync(join(clone, 'node_modules', scope), { recursive: true });
    for (const name of ['tsconfig.json', 'package-lock.json', 'package.json', 'scripts/build.mjs'])
      cpSync(join(top, name), join(clone, name));
    for (const name of ['@typescript/native', 'vite', '@types/node'])
      symlinkSync(join(top, 'node_modules', name), join(clone, 'node_modules', name));
    writeFileSync(source('greeting.ts'), `export const greeting: string = 'good day';\n`);
    mkdirSync(join(clone, 'src', 'web'));
    writeFileSync(
      source('web/vite.config.ts'),
      `export default { root: import.meta.dirname, build: { outDir: '../../dist/web', emptyOutDir: true } };\n`,
    );
    writeFileSync(source('web/index.html'), '<h1>good day</h1>\n');
  });
  const page = (): string => readFileSync(join(clone, 'dist', 'web', 'index.html'), 'utf8');

  it('compiles what changed, forgets what is gone, and is quiet and idle otherwise', () => {
    writeFileSync(source('old.ts'), 'export const old = 1;\n');
    expect(build()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(readFileSync(output('greeting.js'), 'utf8')).toContain('good day');
    expect(existsSync(output('old.js'))).toBe(true);
    expect(page()).toContain('good day');

    writeFileSync(output('greeting.js'), 'untouched');
    expect(build()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(readFileSync(output('greeting.js'), 'utf8')).toBe('untouched');

    writeFileSync(source('greeting.ts'), `export const greeting: string = 'good night';\n`);
    writeFileSync(source('web/index.html'), '<h1>good night</h1>\n');
    rmSync(source('old.ts'));
    expect(build()).toMatchObject({ status: 0, stderr: '' });
    expect(page()).toContain('good night');
    expect(readFileSync(output('greeting.js'), 'utf8')).toContain('good night');
    expect(existsSync(output('old.js'))).toBe(false);
  });

  it('is not needed by an install without the compiler, but by a start from nothing', () => {
    rmSync(join(clone, 'node_modules', '@typescript', 'native'));
    expect(build('prepare')).toMatchObject({ status: 0, stderr: '' });
    const started = build('prestart');
    expect(started.status).toBe(1);
    expect(started.stderr).toContain('Run: npm ci');
  });

  it('goes on after a build that was killed', () => {
    mkdirSync(join(clone, 'dist'));
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(join(clone, 'dist', '.building'), String(dead));
    expect(build()).toMatchObject({ status: 0, stderr: '' });
    expect(existsSync(output('greeting.js'))).toBe(true);
  });
});
