import { z } from 'zod';

const dashed = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const compact = /^[0-9a-f]{32}$/i;

/** The canonical form (lower case, dashes) of a UUID of any version, or undefined when `value` is none. */
export function toUuid(value: string): string | undefined {
  if (dashed.test(value)) return value.toLowerCase();
  if (!compact.test(value)) return undefined;
  const hex = value.toLowerCase();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** A UUID of any version, with or without dashes, in any case; the parsed value is in canonical form. */
export const uuid = z
  .string()
  .transform((value, context) => {
    const id = toUuid(value);
    if (id !== undefined) return id;
    context.issues.push({
      code: 'custom',
      input: value,
      message: 'Input should be a valid UUID',
      params: { type: 'uuid_parsing' },
    });
    return z.NEVER;
  })
  .meta({ type: 'string', format: 'uuid' });
