import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test, vi } from 'vitest';
import { build } from './support/build.ts';

vi.setConfig({ hookTimeout: 120_000 });

const folder = fileURLToPath(new URL('../../dist/web', import.meta.url));
const maxBytes = 75_000;

/** Who has not logged in, and who has. */
const parts = ['gate', 'shell'] as const;
type Part = (typeof parts)[number];

const read = (path: string): string => readFileSync(join(folder, path), 'utf8');

/** The scripts that a script imports before it runs. */
const listImports = (code: string): string[] =>
  [...code.matchAll(/(?:^|[;\s}])(?:import|export)\s*(?:[\w*{][^'"`;()]*?from\s*)?["'`]\.\/([\w.-]+\.js)["'`]/g)].map(
    ([, name]) => name!,
  );

/**
 * The scripts that one waits for until there is the way in, or a chat: those that the page names, the part for who has not logged in
 * or has, and all that these import.
 */
function listFirst(part: Part): string[] {
  const names = readdirSync(join(folder, 'assets'));
  const partName = names.find((name) => new RegExp(`^${part}-[\\w-]{8}\\.js$`).test(name))!;
  const page = read('index.html');
  const found = new Set<string>();
  const wanted = [...page.matchAll(/(?:src|href)="\/assets\/([\w.-]+\.js)"/g)].map(([, name]) => name!);
  expect(wanted.length).toBeGreaterThan(0);
  wanted.push(partName);
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    wanted.push(...listImports(read(join('assets', name))));
  }
  return [...found];
}

beforeAll(() => {
  build();
});

test('the imports of a script are found', () => {
  const code = 'import{a as b,c}from"./one.js";import"./two.js";import*as d from`./three.js`;export*from"./four.js";';
  expect(listImports(`${code}const later=()=>import("./later.js")`)).toEqual([
    'one.js',
    'two.js',
    'three.js',
    'four.js',
  ]);
});

test.each(parts)('the first load is small: %s', (part) => {
  const bytes = listFirst(part)
    .map((name) => gzipSync(read(join('assets', name))).length)
    .reduce((sum, one) => sum + one, 0);
  expect(bytes).toBeLessThanOrEqual(maxBytes);
});

test('what is heavy and rare comes later', () => {
  const first = new Set(parts.flatMap(listFirst));
  const all = readdirSync(join(folder, 'assets')).filter((name) => name.endsWith('.js'));
  // Words of the rules of markdown-it, and of the names of emoji.
  for (const sign of ['reference definition', 'html_block', 'grinning face', 'face with tears of joy'])
    for (const name of all.filter((one) => read(join('assets', one)).includes(sign)))
      expect(first, `${sign} in ${name}`).not.toContain(name);
});

test('the worker keeps every file of the build', () => {
  const worker = read('sw.js');
  for (const name of readdirSync(join(folder, 'assets'))) expect(worker).toContain(`/assets/${name}`);
  expect(worker).not.toMatch(/^\s*(import|export)\b/m);
});
