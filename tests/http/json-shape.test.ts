import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../../src/protocol/limits.ts';
import { isShapeAllowed, parseJson, type JsonBounds } from '../../src/server/http/json-shape.ts';

/** The slow oracle: the shape of the parsed value, container by container. */
function isAllowedValue(value: unknown, { maxDepth, maxKeys, maxElements }: JsonBounds, depth = 1): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth > maxDepth) return false;
  const parts: unknown[] = Array.isArray(value) ? value : Object.values(value);
  if (parts.length > (Array.isArray(value) ? maxElements : maxKeys)) return false;
  return parts.every((part) => isAllowedValue(part, { maxDepth, maxKeys, maxElements }, depth + 1));
}

const tight: JsonBounds = { maxDepth: 3, maxKeys: 3, maxElements: 4 };
/** Strings full of what could be taken for structure. */
const trickyText = fc.string({
  unit: fc.constantFrom('{', '}', '[', ']', ',', '"', '\\', 'a', '\u2028', '😀'),
  maxLength: 8,
});
/** Any UTF-16, half surrogate pairs included. */
const anyUnits = fc.uint16Array({ maxLength: 30 }).map((units) => String.fromCharCode(...units));
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    fc.oneof(trickyText, fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie('tree'), { maxLength: 6 }),
    fc.dictionary(trickyText, tie('tree'), { maxKeys: 5 }),
  ),
}));

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const keys = (count: number): string =>
  JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i])));
const elements = (count: number): string => JSON.stringify(Array.from({ length: count }, () => 0));

describe('the shape of JSON', () => {
  test('the scan says of any JSON what walking the parsed value says', () => {
    fc.assert(
      fc.property(tree, fc.constantFrom('', ' ', '  '), (value, indent) => {
        expect(isShapeAllowed(JSON.stringify(value, null, indent), tight)).toBe(isAllowedValue(value, tight));
      }),
      { numRuns: 1_000 },
    );
  });

  test('the scan survives any text, also text that is no JSON', () => {
    fc.assert(
      fc.property(fc.oneof(anyUnits, trickyText), (text) => typeof isShapeAllowed(text) === 'boolean'),
      { numRuns: 1_000 },
    );
  });

  test.each([
    ['depth', nested(limits.json.maxDepth), nested(limits.json.maxDepth + 1)],
    ['keys of an object', keys(limits.json.maxKeys), keys(limits.json.maxKeys + 1)],
    ['elements of an array', elements(limits.json.maxElements), elements(limits.json.maxElements + 1)],
  ])('%s: the limit passes, one more is too_deep', (_what, most, tooMuch) => {
    expect(() => parseJson(most)).not.toThrow();
    expect(() => parseJson(tooMuch)).toThrow(expect.objectContaining({ code: 'too_deep' }));
  });

  test('a hundred thousand open brackets are refused, not parsed', () => {
    expect(() => parseJson('['.repeat(100_000))).toThrow(expect.objectContaining({ code: 'too_deep' }));
  });

  test('what is no JSON is malformed_json, whatever its shape', () => {
    for (const text of ['', '{', ']]]]', '"', '"\\', '{"a":1,}', 'undefined', "{'a':1}", '\u0000'])
      expect(() => parseJson(text)).toThrow(expect.objectContaining({ code: 'malformed_json' }));
  });

  test('__proto__ and constructor are keys like others and change no prototype', () => {
    const value = parseJson('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}') as object;

    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });
});
