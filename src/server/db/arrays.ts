/** PostgreSQL array literals for columns of a batch: one string each is cheaper to make and to send than a JavaScript array. */

/** Of values that need no quoting: UUIDs, numbers; null stays null. */
export const toArray = (values: readonly (string | number | bigint | null)[]): string =>
  `{${values.map((value) => value ?? 'NULL').join(',')}}`;

/** Of texts. */
export const toTextArray = (values: readonly (string | null)[]): string =>
  `{${values.map((value) => (value === null ? 'NULL' : `"${value.replace(/["\\]/g, '\\$&')}"`)).join(',')}}`;

/** The distinct ids, ascending as PostgreSQL orders uuids, and for each value its place in them, from 1. */
export function toDistinct(ids: readonly string[]): { distinct: string[]; places: number[] } {
  const distinct = [...new Set(ids)].sort();
  const placeOf = new Map(distinct.map((id, i) => [id, i + 1]));
  return { distinct, places: ids.map((id) => placeOf.get(id)!) };
}

/** A one-dimensional array as PostgreSQL writes it. Its elements stay texts. */
export function fromArray(text: string): (string | null)[] {
  const elements: (string | null)[] = [];
  for (const [, quoted, bare] of text.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/gs))
    elements.push(quoted === undefined ? (bare === 'NULL' ? null : bare!) : quoted.replace(/\\(.)/gs, '$1'));
  return elements;
}
