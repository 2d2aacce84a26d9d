import fc from 'fast-check';
import type { z } from 'zod';

/** Values that a schema accepts, or nearly does, made from the schema itself: a new field is covered by being declared. */
export function toArbitrary(schema: z.ZodType, known: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const { def } = schema._zod as unknown as { def: Record<string, unknown> & { type: string } };
  const inner = (): fc.Arbitrary<unknown> => toArbitrary((def['innerType'] ?? def['in']) as z.ZodType, known);
  switch (def.type) {
    case 'object':
      return fc.record(
        Object.fromEntries(
          Object.entries(def['shape'] as Record<string, z.ZodType>).map(([key, part]) => [
            key,
            toArbitrary(part, known),
          ]),
        ),
      );
    case 'array':
      return fc.array(toArbitrary(def['element'] as z.ZodType, known), { maxLength: 5 });
    case 'union':
      return fc.oneof(...(def['options'] as z.ZodType[]).map((option) => toArbitrary(option, known)));
    case 'enum':
      return fc.constantFrom(...Object.values(def['entries'] as Record<string, string>));
    case 'optional':
      return fc.option(inner(), { nil: undefined });
    case 'nullable':
      return fc.option(inner(), { nil: null });
    case 'default':
    case 'pipe':
    case 'nonoptional':
      return inner();
    case 'boolean':
      return fc.boolean();
    case 'number':
      return fc.oneof(fc.nat(1_000), fc.maxSafeInteger(), fc.double());
    default:
      return fc.oneof({ weight: 3, arbitrary: known }, { weight: 1, arbitrary: text });
  }
}

/** Texts that break things: control characters, halves of pairs, quotes, what looks like other types. */
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom(
    '',
    ' ',
    '\0',
    '\ud800',
    '\u202e',
    'NULL',
    "'; drop table users; --",
    '{}',
    '%00',
    '../..',
    '1e999',
    '-0',
  ),
  fc.constantFrom('2025-05-04T04:45:50Z', '2025-05-04 04:45:50+03:00', '0000-00-00T00:00:00Z', '+79990000000'),
  fc.uuid(),
);

const weird: fc.Arbitrary<unknown> = fc.oneof(
  text,
  fc.constantFrom<unknown>(null, true, 0, -1, 1e308, 2 ** 53, [], {}, [[]], { __proto__: null }),
  fc.jsonValue({ maxDepth: 4 }),
);

/** The value with one thing wrong: a part dropped, replaced, or joined by a key of ill fame. */
export const mutated = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.tuple(value, fc.nat(), fc.constantFrom('drop', 'replace', 'add'), weird).map(([given, at, how, other]) => {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return other;
    const entries = Object.entries(given);
    const key = entries[at % Math.max(1, entries.length)]?.[0];
    const kept = how === 'drop' ? entries.filter(([name]) => name !== key) : entries;
    const changed = kept.map(([name, part]) => [name, how === 'replace' && name === key ? other : part] as const);
    const added = how === 'add' ? [[['constructor', 'toString', 'type'][at % 3]!, other] as const] : [];
    return Object.fromEntries([...changed, ...added]);
  });
