/** How the texts of the environment's variables become values, or are refused with what to write instead. */
import { isIP } from 'node:net';
import { z } from 'zod';

/** Text that `read` turns into a value, or refuses with undefined; `expected` ends the sentence "write …". */
export const parsed = <T>(expected: string, read: (text: string) => T | undefined): z.ZodType<T, string> =>
  z.string().transform((text, context) => {
    const value = read(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });

export const whole = (min: number, max: number) =>
  parsed(`a whole number from ${min} to ${max}`, (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
    return value >= min && value <= max ? value : undefined;
  });

export const oneOf = <T extends string | boolean>(values: Record<string, T>) =>
  parsed(Object.keys(values).join(' or '), (text) =>
    Object.hasOwn(values, text.toLowerCase()) ? values[text.toLowerCase()] : undefined,
  );

export const words = <const T extends string>(...values: T[]) =>
  oneOf(Object.fromEntries(values.map((value) => [value, value])) as Record<T, T>);

/** Variables without a default: empty is absent. */
export const orAbsent = <T>(schema: z.ZodType<T, string>): z.ZodType<T | undefined, string> =>
  z.string().transform((text, context) => {
    if (text === '') return undefined;
    const result = schema.safeParse(text);
    if (result.success) return result.data;
    context.addIssue({ code: 'custom', message: result.error.issues[0]?.message ?? '' });
    return z.NEVER;
  });

export function toOrigin(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isOrigin =
    url.pathname === '/' &&
    url.search === '' &&
    url.hash === '' &&
    url.username === '' &&
    /^https?:$/.test(url.protocol);
  return isOrigin ? url.origin : undefined;
}

export function toOrigins(text: string): string[] | undefined {
  const origins = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(toOrigin);
  return origins.every((origin) => origin !== undefined) ? origins : undefined;
}

export function toTrustProxy(text: string): boolean | number | string | undefined {
  if (/^(false|off|0)$/i.test(text)) return false;
  if (/^[1-9]$/.test(text)) return Number(text);
  const isAddress = (part: string): boolean => {
    const [address = '', prefix] = part.split('/');
    if (prefix !== undefined && !(/^\d{1,3}$/.test(prefix) && Number(prefix) <= (isIP(address) === 4 ? 32 : 128)))
      return false;
    return isIP(address) !== 0 || (prefix === undefined && ['loopback', 'linklocal', 'uniquelocal'].includes(address));
  };
  const parts = text.split(',').map((part) => part.trim());
  return parts.every(isAddress) ? parts.join(', ') : undefined;
}

export const isDatabaseUrl = (text: string): boolean =>
  /^postgres(ql)?:\/\//.test(text) && URL.canParse(text) && new URL(text).pathname.length > 1;
