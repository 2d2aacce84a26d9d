import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const now = new Date(2026, 10, 18, 12);

/** What a page whose browser speaks these languages says. */
async function load(...languages: string[]) {
  vi.resetModules();
  vi.stubGlobal('navigator', { languages });
  return import('../../src/web/texts/dates.ts');
}

beforeEach(() => {
  vi.stubGlobal('addEventListener', () => undefined);
  vi.useFakeTimers({ now });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a moment is told as shortly as it can be understood', () => {
  it.each([
    [new Date(2026, 10, 18, 9, 5), 'today, 09:05', 'сегодня, 09:05'],
    [new Date(2026, 10, 17, 23, 59), 'yesterday, 23:59', 'вчера, 23:59'],
    [new Date(2026, 10, 19, 0, 1), 'tomorrow, 00:01', 'завтра, 00:01'],
    [new Date(2026, 10, 13, 14, 27), 'Fri, 14:27', 'пт, 14:27'],
    [new Date(2026, 10, 11, 23, 59), '11 Nov', '11 нояб.'],
    [new Date(2026, 10, 25, 9), '25 Nov', '25 нояб.'],
    [new Date(2025, 10, 28, 9), '28 Nov 2025', '28 нояб. 2025 г.'],
  ])('%s', async (instant, english, russian) => {
    const inEnglish = await load('en-GB');
    expect(inEnglish.toMoment(instant.toISOString())).toBe(english);
    const inRussian = await load('ru-RU');
    expect(inRussian.toMoment(instant.toISOString())).toBe(russian);
  });
});
