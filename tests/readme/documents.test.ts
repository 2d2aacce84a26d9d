import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorCatalogue } from '../../src/protocol/errors.ts';
import { wireVersion } from '../../src/protocol/version.ts';
import { listVariables } from '../../src/server/config.ts';
import { listBlocks, listHeadingLevels, listLinks, listVariableRows } from './markdown.ts';
import { top } from './shell.ts';

const read = (path: string): string => readFileSync(join(top, path), 'utf8');
const english = read('README.md');
const russian = read('README.ru.md');

/** Comments and the lines' width are a translation's own, what is run is not. */
const toCommands = (markdown: string) =>
  listBlocks(markdown).map(({ language, text }) => ({ language, text: text.replaceAll(/ +# .*$/gm, '') }));

const documents = [
  'README.md',
  'README.ru.md',
  ...readdirSync(join(top, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path)),
];

describe('the README', () => {
  it('says in Russian what it says in English: the same headings, commands, answers and links', () => {
    expect(listHeadingLevels(russian)).toEqual(listHeadingLevels(english));
    expect(toCommands(russian)).toEqual(toCommands(english));
    expect(listLinks(russian).slice(1)).toEqual(listLinks(english).slice(1));
  });

  it('shows programs that the guide of the SDK has, which are run', () => {
    const programs = (markdown: string) => listBlocks(markdown).filter(({ language }) => language === 'ts');
    const run = programs(read('docs/sdk.md')).map(({ text }) => text);
    expect(programs(english)).not.toEqual([]);
    for (const { text } of programs(english)) expect(run).toContain(text);
  });

  it.each(['README.md', 'README.ru.md'])('lists every variable of the server with its default: %s', (path) => {
    const wanted = listVariables().map(({ name, default: value }) => ({ name, default: value }));
    expect(listVariableRows(read(path))).toEqual(wanted);
  });

  it('names every guarantee in both languages', () => {
    const list = (text: string) => [...text.matchAll(/^\| (G\d+) \|/gm)].map(([, name]) => name);
    expect(list(english)).toEqual(Array.from({ length: 12 }, (_, i) => `G${i + 1}`));
    expect(list(russian)).toEqual(list(english));
  });
});

describe('the documents', () => {
  it('list every error of the catalogue with its status and retry', () => {
    const rows = [...read('docs/protocol.md').matchAll(/^\| `(\w+)` \| (\d+) \| (\w+) \|/gm)];
    const wanted = Object.entries(errorCatalogue).map(([code, { status, retry }]) => [code, String(status), retry]);
    expect(rows.map(([, ...row]) => row)).toEqual(wanted);
  });

  it('speak of the version that the server speaks', () => {
    expect(read('docs/protocol.md')).toContain(`Version ${wireVersion}.`);
  });

  it('explain every metric of the server', () => {
    const runbook = read('docs/runbook.md');
    const names = [...read('src/server/metrics.ts').matchAll(/name: '(\w+)'/g)].map(([, name = '']) => name);
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !runbook.includes(`\`${name}\``))).toEqual([]);
  });

  it.each(documents)('link only to what is there: %s', (path) => {
    const missing = listLinks(read(path)).filter((target) => !existsSync(join(top, dirname(path), target)));
    expect(missing).toEqual([]);
  });

  it('are light', () => {
    for (const name of readdirSync(join(top, 'docs', 'images')))
      expect(statSync(join(top, 'docs', 'images', name)).size, name).toBeLessThan(200_000);
  });
});
