import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guardLine, toSafeLine, toSafeLines, toShownFrame } from '../../scripts/chat/safe-text.ts';
import { showChatLine } from '../../scripts/chat/show-chats.ts';
import { showGroupChange, showMessageChange } from '../../scripts/chat/show-changes.ts';
import { showMessage, showPending } from '../../scripts/chat/show-messages.ts';
import { showHeader } from '../../scripts/chat/show-people.ts';
import { toTailPrinter } from '../../scripts/chat/show-tail.ts';
import { Names } from '../../scripts/chat/names.ts';
import type { Messenger } from '../../src/client/index.ts';
import { ids, toChat, toLook, toMessage, toNames, toOwn, toPending, toShown } from './plain.ts';

const escape = '\u001b';
const attacks: [what: string, text: string][] = [
  ['a window title (OSC 0)', `${escape}]0;owned\u0007`],
  ['the clipboard (OSC 52)', `${escape}]52;c;cm0gLXJmIC8=${escape}\\`],
  ['a link to elsewhere (OSC 8)', `${escape}]8;;http://evil.example${escape}\\click${escape}]8;;${escape}\\`],
  ['clearing the screen (CSI)', `${escape}[2J${escape}[H`],
  ['invisible text (SGR)', `${escape}[8mhidden`],
  ['one-byte CSI and OSC (C1)', '\u009b2J\u009d0;owned\u009c'],
  ['a device string (DCS)', `${escape}P+q544e${escape}\\`],
  ['an answer-back (ENQ) and a bell', '\u0005\u0007'],
  ['text turned round (RLO)', 'safe\u202egpj.exe'],
  ['isolated directions', '\u2066a\u2067b\u2068c\u2069'],
  ['a return over the line', 'Bob: hi\rAlice: I quit'],
  ['a backspace', 'good\b\b\b\bevil'],
  ['invisible letters', 'a\u200bb\u2060c\ufeffd\u00ad'],
  ['tags', 'x\u{e0041}\u{e0042}'],
  ['half of a pair', 'x\ud83dy'],
];

/** What no line may hold: control characters, marks of direction, breaks of lines, invisible marks. */
const harmful = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]|(?![\u200c\u200d])\p{Cf}|\p{Cs}/u;

/** Everything that shows what others wrote, with `text` wherever they can put it. */
function showEverywhere(text: string): string[] {
  const look = toLook();
  const names = toNames();
  const messenger = {
    user: undefined,
    store: {
      get: () => ({ id: ids.bob, name: text, username: text, deleted: false }),
    },
  } as unknown as Messenger;
  const real = new Names(messenger, look);
  const shown = toShown({ names: real, find: () => toMessage({ text }) });
  const message = toMessage({
    text,
    reply_to: 3,
    forwarded: { sender_id: ids.bob, timestamp: '2026-11-21T12:04:00Z' },
    reactions: [{ emoji: text, user_ids: [ids.bob] }],
    edited_at: '2026-11-21T12:05:00Z',
    pinned_at: '2026-11-21T12:05:00Z',
  });
  const draft = { text, updated_at: '2026-11-21T12:05:00Z' };
  const chat = toChat({ name: text, description: text, last_message: message });
  const group = { id: ids.chat, name: text, description: text, avatar_url: null, avatar_small_url: null };
  return [
    ...showMessage(message, shown),
    ...showPending(toPending({ text, reply_to: 3 }), shown),
    ...showMessageChange(undefined, message, shown),
    ...showGroupChange({ type: 'group_changed', chat_id: ids.chat, version: 2, group }, real, look),
    ...showGroupChange({ type: 'members_added', chat_id: ids.chat, version: 2, user_ids: [ids.bob] }, real, look),
    showChatLine(chat, 1, real, look),
    showChatLine({ ...chat, own: toOwn({ draft }) }, 1, real, look),
    ...showHeader(chat, real, look, messenger.store),
    toTailPrinter({ look, names: real, isJson: false })({ type: 'message', message }).replace(/\n$/, ''),
    toShownFrame(JSON.stringify({ text })),
    names.nameOf(ids.bob),
  ];
}

describe('what others wrote', () => {
  it.each(attacks)('reaches no terminal as %s, neither in a name nor in a text', (_, text) => {
    for (const line of showEverywhere(`${text} and more`)) expect(line).not.toMatch(harmful);
  });

  it('reaches no terminal as anything harmful, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const line of showEverywhere(text)) expect(line).not.toMatch(harmful);
      }),
    );
  });

  it('with newlines cannot make a line that looks like one of the terminal', () => {
    const [first, second] = showMessage(toMessage({ text: 'yes\n12:05 #15 You: I agree' }), toShown());
    expect(first).toBe('12:04 #14 Bob: yes');
    expect(second).toBe('      | 12:05 #15 You: I agree');
    expect(toSafeLines('a\r\nb\u2028c\u0085d')).toEqual(['a', 'b', 'c', 'd']);
    expect(toSafeLine('Bob\n12:05 #15 Carol')).toBe('Bob 12:05 #15 Carol');
  });

  it('stays what it is where it is harmless: other alphabets, emoji with joiners, accents', () => {
    for (const text of ['Привет, ёж', 'שלום', '👩‍👩‍👧‍👦 ❤️ 👍🏽', 'naïve café', '日本語', 'می‌خواهم'])
      expect(toSafeLine(text)).toBe(text);
  });

  it('does not bury the lines around it under marks', () => {
    expect(toSafeLine(`a${'\u0301'.repeat(100)}`)).toHaveLength(9);
  });

  it('is cut by code points, never through a pair', () => {
    expect(toSafeLine('👍👍👍👍', 3)).toBe('👍👍…');
  });
});

describe('the last lock before the terminal', () => {
  it('lets colours through and nothing else', () => {
    expect(guardLine(`${escape}[31mred${escape}[0m`)).toBe(`${escape}[31mred${escape}[0m`);
    expect(guardLine(`a${escape}[2Jb\rc\u009bd`)).toBe('a\u241b[2Jb\u240dc\ufffdd');
  });
});

describe('a frame that is shown', () => {
  it('holds neither passwords nor tokens', () => {
    const jwt = ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiJ4In0', 'c2lnbmF0dXJl'].join('.');
    const frame = {
      type: 'login',
      identifier: 'alice',
      password: 'se"cret',
      token: jwt,
      refresh_token: 'r1',
      note: jwt,
    };
    const shown = toShownFrame(JSON.stringify(frame, null, 2));
    expect(shown).toContain('alice');
    for (const secret of ['cret', jwt, 'r1']) expect(shown).not.toContain(secret);
  });
});
