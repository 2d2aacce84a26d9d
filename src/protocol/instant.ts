import { z } from 'zod';

const withOffset =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(?:(Z|z)|([+-])(\d{2}):?(\d{2})?)$/;

const daysIn = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

function shiftToUtc(parts: { second: number; utcMs: number; fraction: string }): string {
  const base = new Date(parts.utcMs).toISOString().slice(0, 19);
  const micros = parts.fraction.padEnd(6, '0').slice(0, 6);
  return micros === '000000' ? `${base}Z` : `${base}.${micros}Z`;
}

/**
 * A client's time as an instant in UTC with `Z` and microseconds, or undefined when it names none: years 1 to 9999, with
 * an offset (`Z`, `+03:00`, `+0300`, `+03`), `T` or a space in the middle, or seconds since 1970 as a number.
 */
export function toInstant(value: string | number): string | undefined {
  if (typeof value === 'number') {
    const wholeMs = Math.floor(value * 1_000);
    if (!Number.isFinite(value) || wholeMs < -62_135_596_800_000 || wholeMs > 253_402_300_799_999) return undefined;
    return shiftToUtc({
      second: 0,
      utcMs: wholeMs,
      fraction: String(((wholeMs % 1_000) + 1_000) % 1_000).padStart(3, '0'),
    });
  }
  const match = withOffset.exec(value);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second, offsetHours, offsetMinutes] = [1, 2, 3, 4, 5, 6, 10, 11].map((i) =>
    Number(match[i] ?? 0),
  ) as [number, number, number, number, number, number, number, number];
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59 || offsetHours > 23 || offsetMinutes > 59) return undefined;
  const local = new Date(Date.UTC(2000, month - 1, day, hour, minute, second)).setUTCFullYear(year, month - 1, day);
  const utcMs = local - (match[9] === '-' ? -1 : 1) * (offsetHours * 60 + offsetMinutes) * 60_000;
  if (utcMs < -62_135_596_800_000 || utcMs > 253_402_300_799_999) return undefined;
  return shiftToUtc({ second, utcMs, fraction: match[7] ?? '' });
}

/** A client's time; the parsed value is an instant in UTC. A time without an offset is a mistake: it names no instant. */
export const instant = z.union([z.string(), z.number()]).transform((value, context) => {
  const parsed = toInstant(value);
  if (parsed !== undefined) return parsed;
  context.issues.push({
    code: 'custom',
    input: value,
    message: 'Input should be a time with an offset, like 2025-05-04T04:45:50Z or 2025-05-04 04:45:50+00:00',
    params: { type: 'timezone_aware' },
  });
  return z.NEVER;
});
