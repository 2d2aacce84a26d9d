import type { Look } from './look.ts';

type TimeLook = Pick<Look, 'language' | 't' | 'now' | 'timeZone'>;

const formats = new Map<string, Intl.DateTimeFormat>();

function getFormat({ language, timeZone }: TimeLook, name: string, options: Intl.DateTimeFormatOptions) {
  const key = `${language} ${timeZone ?? ''} ${name}`;
  const known = formats.get(key);
  if (known) return known;
  const locale = language === 'ru' ? 'ru-RU' : 'en-GB';
  const made = new Intl.DateTimeFormat(locale, { ...options, ...(timeZone === undefined ? {} : { timeZone }) });
  formats.set(key, made);
  return made;
}

/** `21 November 2026` */
export const toDay = (look: TimeLook, instant: string | number): string =>
  getFormat(look, 'day', { day: 'numeric', month: 'long', year: 'numeric' }).format(new Date(instant));

/** `09:37` */
export const toTime = (look: TimeLook, instant: string | number): string =>
  getFormat(look, 'time', { hour: '2-digit', minute: '2-digit' }).format(new Date(instant));

/** The time today, else the day: as short as a list needs it. */
export function toShortTime(look: TimeLook, instant: string): string {
  if (toDay(look, instant) === toDay(look, look.now())) return toTime(look, instant);
  return getFormat(look, 'short', { day: '2-digit', month: '2-digit', year: '2-digit' }).format(new Date(instant));
}

/** Day and time, the day left out where it is today. */
export const toWhen = (look: TimeLook, instant: string): string =>
  toDay(look, instant) === toDay(look, look.now())
    ? toTime(look, instant)
    : `${toDay(look, instant)}, ${toTime(look, instant)}`;

const minuteMs = 60_000;

/** How long ago somebody was there: `5 min ago`, else when. */
export function toAgo(look: TimeLook, instant: string): string {
  const minutes = Math.floor((look.now() - Date.parse(instant)) / minuteMs);
  if (minutes < 1) return look.t.justNow;
  return minutes < 60 ? look.t.minutesAgo(minutes) : toWhen(look, instant);
}

const unitMs = { m: minuteMs, h: 60 * minuteMs, d: 24 * 60 * minuteMs, w: 7 * 24 * 60 * minuteMs } as const;

/** The milliseconds of `30m`, `8h`, `2d` or `1w`; undefined when it is none of these. */
export function toDuration(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,4})([mhdw])$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * unitMs[unit as keyof typeof unitMs];
}
