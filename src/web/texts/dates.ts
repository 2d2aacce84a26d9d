/** Instants as people read them, in the language and the time zone of the person. */
import { language } from './language.ts';
import { defineTexts } from './texts.ts';

const texts = defineTexts({
  en: { today: 'Today', yesterday: 'Yesterday', justNow: 'just now' },
  ru: { today: 'Сегодня', yesterday: 'Вчера', justNow: 'только что' },
});

const formats = new Map<string, Intl.DateTimeFormat>();

/** The language as it is spoken where the browser is at home: `en-GB` has a clock of 24 hours, `en-US` of 12. */
const toLocale = (): string =>
  navigator.languages.find((tag) => tag.split('-')[0] === language.value) ?? language.value;

function format(instant: Date, options: Intl.DateTimeFormatOptions): string {
  const key = toLocale() + JSON.stringify(options);
  let known = formats.get(key);
  if (!known) formats.set(key, (known = new Intl.DateTimeFormat(toLocale(), options)));
  return known.format(instant);
}

const dayMs = 86_400_000;
const midnightOf = (instant: Date): number =>
  new Date(instant.getFullYear(), instant.getMonth(), instant.getDate()).getTime();

/** How many midnights lie between an instant and now. */
const daysAgo = (instant: Date): number => Math.round((midnightOf(new Date()) - midnightOf(instant)) / dayMs);

const isThisYear = (instant: Date): boolean => instant.getFullYear() === new Date().getFullYear();

/** `14:05`. */
export const toTime = (instant: string): string => format(new Date(instant), { hour: '2-digit', minute: '2-digit' });

/** A day for a separator: `Today`, `Yesterday`, `3 March`, with the year when it is another one. */
export function toDay(instant: string): string {
  const date = new Date(instant);
  const days = daysAgo(date);
  if (days === 0) return texts().today;
  if (days === 1) return texts().yesterday;
  return format(date, { day: 'numeric', month: 'long', ...(!isThisYear(date) && { year: 'numeric' }) });
}

/** The shortest that tells when: a time today, a weekday this week, else a date. */
export function toShort(instant: string): string {
  const date = new Date(instant);
  const days = daysAgo(date);
  if (days <= 0) return toTime(instant);
  if (days < 7) return format(date, { weekday: 'short' });
  return format(date, isThisYear(date) ? { day: 'numeric', month: 'short' } : { dateStyle: 'short' });
}

/** Past or to come, as short as it tells when: `today, 14:05`, `Fri, 14:05`, beyond a week the day, `28 Nov`. */
export function toMoment(instant: string): string {
  const date = new Date(instant);
  const days = daysAgo(date);
  if (Math.abs(days) >= 7)
    return format(date, { day: 'numeric', month: 'short', ...(!isThisYear(date) && { year: 'numeric' }) });
  const day =
    Math.abs(days) < 2
      ? new Intl.RelativeTimeFormat(toLocale(), { numeric: 'auto' }).format(-days, 'day')
      : format(date, { weekday: 'short' });
  return `${day}, ${toTime(instant)}`;
}

/** A day and a time, in full: for titles. */
export const toFull = (instant: string): string =>
  format(new Date(instant), { dateStyle: 'medium', timeStyle: 'short' });

/** How long ago: `5 min. ago`, `yesterday`, beyond a week the day. */
export function toAgo(instant: string): string {
  const seconds = Math.max(0, (Date.now() - new Date(instant).getTime()) / 1_000);
  const relative = new Intl.RelativeTimeFormat(toLocale(), { numeric: 'auto', style: 'short' });
  if (seconds < 60) return texts().justNow;
  if (seconds < 3_600) return relative.format(-Math.floor(seconds / 60), 'minute');
  const days = daysAgo(new Date(instant));
  if (days === 0) return relative.format(-Math.floor(seconds / 3_600), 'hour');
  return days < 7 ? relative.format(-days, 'day') : toDay(instant);
}
