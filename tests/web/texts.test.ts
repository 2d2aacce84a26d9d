import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../../src/web', import.meta.url));

interface Dictionary {
  place: string;
  en: Map<string, string>;
  ru: Map<string, string>;
}

/** What a word says, as far as it stands in the source: of a function the words that it puts together. */
const toWords = (node: ts.Node): string => {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node)) return node.text;
  const parts: string[] = [];
  node.forEachChild((child) => void parts.push(toWords(child)));
  return parts.join(' ');
};

function readLanguage(of: ts.ObjectLiteralExpression, language: string): Map<string, string> {
  const property = of.properties.find((one) => one.name?.getText() === language);
  if (!property || !ts.isPropertyAssignment(property) || !ts.isObjectLiteralExpression(property.initializer))
    return new Map();
  return new Map(
    property.initializer.properties.map((word) => [
      word.name!.getText(),
      ts.isPropertyAssignment(word) ? toWords(word.initializer) : toWords(word),
    ]),
  );
}

function* readDictionaries(path: string): Generator<Dictionary> {
  const source = ts.createSourceFile(
    path,
    readFileSync(join(folder, path), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
    ts.ScriptKind.TSX,
  );
  const found: Dictionary[] = [];
  const visit = (node: ts.Node): void => {
    const [given] = ts.isCallExpression(node) && node.expression.getText() === 'defineTexts' ? node.arguments : [];
    if (given && ts.isObjectLiteralExpression(given)) {
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      found.push({ place: `${path}:${line}`, en: readLanguage(given, 'en'), ru: readLanguage(given, 'ru') });
    }
    node.forEachChild(visit);
  };
  visit(source);
  yield* found;
}

const dictionaries = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path))
  .flatMap((path) => [...readDictionaries(path)]);

/** Names of languages are written as their speakers do, and what has no letters is the same everywhere. */
const isTheSame = (text: string): boolean => !/\p{L}/u.test(text);

describe('the dictionaries of the web client', () => {
  it('are there', () => {
    expect(dictionaries.length).toBeGreaterThan(50);
  });

  it.each(dictionaries.map((one) => [one.place, one] as const))(
    '%s has every word in both languages',
    (_, { en, ru }) => {
      expect([...ru.keys()]).toEqual([...en.keys()]);
      expect(en.size).toBeGreaterThan(0);
      for (const [key, text] of en) {
        const other = ru.get(key)!;
        expect(text.trim(), key).not.toBe('');
        expect(text, `${key} in English`).not.toMatch(/\p{Script=Cyrillic}/u);
        if (!isTheSame(text)) expect(other, `${key} in Russian`).toMatch(/\p{Script=Cyrillic}/u);
      }
    },
  );
});
