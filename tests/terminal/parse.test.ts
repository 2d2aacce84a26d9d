import { describe, expect, it } from 'vitest';
import { LineJoiner, parseLine, splitFirst, toSeq, toWords } from '../../scripts/chat/parse-line.ts';
import { findMentions } from '../../scripts/chat/mentions.ts';
import { toAgo, toDay, toDuration, toShortTime, toWhen } from '../../scripts/chat/times.ts';
import { languages } from '../../scripts/chat/texts/texts.ts';
import { countColumns, countRows, fitColumns } from '../../scripts/chat/width.ts';
import type { Person } from '../../src/client/index.ts';
import { ids, toLook } from './plain.ts';

describe('a typed line', () => {
  it('is a text or a command, and a text may begin with a slash', () => {
    expect(parseLine('Hello /open')).toEqual({ text: 'Hello /open' });
    expect(parseLine('/Reply 12  two  blanks ')).toEqual({ command: 'reply', rest: '12  two  blanks' });
    expect(parseLine('//etc/passwd')).toEqual({ text: '/etc/passwd' });
    expect(parseLine('/ is a slash')).toEqual({ text: '/ is a slash' });
    expect(parseLine('/edit 3 a\nb')).toEqual({ command: 'edit', rest: '3 a\nb' });
  });

  it('goes on in the next one after a backslash', () => {
    const joiner = new LineJoiner();
    expect(joiner.take('one\\')).toBeUndefined();
    expect(joiner.isOpen).toBe(true);
    expect(joiner.take('two\\')).toBeUndefined();
    expect(joiner.take('three')).toBe('one\ntwo\nthree');
    expect(joiner.take('C:\\\\')).toBe('C:\\');
    expect(joiner.isOpen).toBe(false);
  });

  it('has words, numbers of messages and a rest', () => {
    expect(toWords('"Group 1" bob  @carol "say \\"hi\\""')).toEqual(['Group 1', 'bob', '@carol', 'say "hi"']);
    expect(toWords('')).toEqual([]);
    expect([toSeq('#12'), toSeq('12'), toSeq('0'), toSeq('-1'), toSeq('12a'), toSeq('9'.repeat(16))]).toEqual([
      12,
      12,
      ...Array.from({ length: 4 }),
    ]);
    expect(splitFirst('12  a b')).toEqual(['12', 'a b']);
  });

  it('names members, by username or by a first name that only one has, in code points', () => {
    const person = (id: string, name: string, username: string | null): Person => ({
      id,
      name,
      username,
      avatar_url: null,
      avatar_small_url: null,
      deleted: false,
    });
    const members = [
      person(ids.alice, 'Bob A', null),
      person(ids.bob, 'Bob B', 'bob.b'),
      person(ids.carol, 'Кэрол К', null),
    ];
    expect(findMentions('👍 @bob.b, @Кэрол!', members)).toEqual([
      { user_id: ids.bob, offset: 2, length: 6 },
      { user_id: ids.carol, offset: 10, length: 6 },
    ]);
    expect(findMentions('@bob a@carol @nobody @@bob.b', members)).toEqual([]);
  });
});

describe('times', () => {
  const look = toLook();
  it('are as short as the day allows, in both languages', () => {
    expect(toShortTime(look, '2026-11-21T09:05:00Z')).toBe('09:05');
    expect(toShortTime(look, '2026-11-20T09:05:00Z')).toBe('20/11/26');
    expect(toWhen(look, '2026-11-20T09:05:00Z')).toBe('20 November 2026, 09:05');
    expect(toDay(toLook({ language: 'ru', t: languages.ru }), '2026-11-20T09:05:00Z')).toBe('20 ноября 2026 г.');
  });

  it('say how long ago somebody was there', () => {
    expect(toAgo(look, '2026-11-21T12:29:40Z')).toBe('just now');
    expect(toAgo(look, '2026-11-21T12:00:00Z')).toBe('30 min ago');
    expect(toAgo(look, '2026-11-21T09:00:00Z')).toBe('09:00');
  });

  it('last as long as they say', () => {
    expect([toDuration('30m'), toDuration('8h'), toDuration('2d')]).toEqual([1_800_000, 28_800_000, 172_800_000]);
    expect([toDuration('8'), toDuration('h'), toDuration('-1h')]).toEqual([undefined, undefined, undefined]);
  });
});

describe('columns', () => {
  it('are counted as terminals count them', () => {
    expect(['abc', 'Привет', '日本', '👍', 'e\u0301', '❤️', '\u001b[31mred\u001b[0m'].map(countColumns)).toEqual([
      3, 6, 4, 2, 1, 2, 3,
    ]);
    expect(countRows('x'.repeat(81), 80)).toBe(2);
    expect(countRows('', 80)).toBe(1);
  });

  it('are kept to exactly', () => {
    expect(fitColumns('日本語', 5)).toBe('日本…');
    expect(fitColumns('ab', 4)).toBe('ab  ');
    expect(countColumns(fitColumns('👍👍👍', 4))).toBe(4);
  });
});
