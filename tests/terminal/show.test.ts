import { describe, expect, it } from 'vitest';
import { pictures } from '../../scripts/chat/look.ts';
import { showGroupChange, showMessageChange } from '../../scripts/chat/show-changes.ts';
import { showChatLine, toListed } from '../../scripts/chat/show-chats.ts';
import { showMessage, showMessages, type Progress } from '../../scripts/chat/show-messages.ts';
import { showPresence } from '../../scripts/chat/show-people.ts';
import { ids, toChat, toLook, toMessage, toNames, toOwn, toShown } from './plain.ts';

describe('the list of chats', () => {
  it('says what is unread, who is meant, what is muted and pinned, and what was said last', () => {
    const own = toOwn({ unread_count: 3, unread_mentions: 1, pinned: true, muted_until: 'forever' });
    const line = showChatLine(toChat({ own }), 2, toNames(), toLook());
    expect(line.replaceAll(/ +/g, ' ')).toBe(' 2. Group 1 3 @1 ^m 12:04 Bob: Hello');
    expect(showChatLine(toChat({ own }), 2, toNames(), toLook({ marks: pictures }))).toContain('📌🔇');
    const marked = showChatLine(toChat({ own: toOwn({ marked_unread: true }) }), 1, toNames(), toLook());
    expect(marked).toMatch(/Group 1 +\* /);
  });

  it('forgets a mute that is over', () => {
    const own = toOwn({ muted_until: '2026-11-21T12:29:59Z' });
    expect(showChatLine(toChat({ own }), 1, toNames(), toLook())).not.toMatch(/ m /);
  });

  it('has pinned chats first, then the newest, and archived ones only when asked', () => {
    const chats = [
      toChat({ id: 'old', active_at: '2026-01-01T00:00:00Z' }),
      toChat({ id: 'new', active_at: '2026-02-01T00:00:00Z' }),
      toChat({ id: 'pinned', active_at: '2025-01-01T00:00:00Z', own: toOwn({ pinned: true }) }),
      toChat({ id: 'archived', active_at: '2026-03-01T00:00:00Z', own: toOwn({ archived: true }) }),
    ];
    expect(toListed(chats).map(({ id }) => id)).toEqual(['pinned', 'new', 'old']);
    expect(toListed(chats, true).map(({ id }) => id)).toEqual(['pinned', 'archived', 'new', 'old']);
  });
});

describe('a message', () => {
  it.each([
    ['stored', '+', '✓'],
    ['delivered', '++', '✓✓'],
    ['seen', '**', '👁'],
  ] as [Progress, string, string][])('of one’s own that is %s says so', (progress, plain, picture) => {
    const shown = toShown({ progressOf: () => progress });
    const message = toMessage({ sender_id: ids.alice });
    expect(showMessage(message, shown)).toEqual([`12:04 #14 You: Hello  ${plain}`]);
    expect(showMessage(message, { ...shown, look: toLook({ marks: pictures }) })).toEqual([
      `12:04 #14 You: Hello  ${picture}`,
    ]);
  });

  it('says what it answers, where it is from, and what became of it', () => {
    const message = toMessage({
      reply_to: 3,
      edited_at: '2026-11-21T12:05:00Z',
      pinned_at: '2026-11-21T12:05:00Z',
      reactions: [{ emoji: '👍', user_ids: [ids.alice, ids.bob] }],
      forwarded: { sender_id: ids.carol, timestamp: '2026-11-20T09:00:00Z' },
    });
    const shown = toShown({ find: (seq) => toMessage({ seq, text: 'What?' }) });
    expect(showMessage(message, shown)).toEqual([
      '      >> #3 Bob: What?',
      '12:04 #14 Bob: => from Carol, 20 November 2026, 09:00: Hello  (edited) ^ 👍2*',
    ]);
    expect(showMessage(toMessage({ text: '', deleted_at: '2026-11-21T12:05:00Z' }), shown)).toEqual([
      '12:04 #14 Bob: (deleted)',
    ]);
  });

  it('stands under its day', () => {
    const messages = [toMessage({ timestamp: '2026-11-20T12:00:00Z' }), toMessage({ seq: 15 })];
    const { lines, lastDay } = showMessages(messages, toShown(), '20 November 2026');
    expect(lines).toEqual(['12:00 #14 Bob: Hello', '-- 21 November 2026 --', '12:04 #15 Bob: Hello']);
    expect(lastDay).toBe('21 November 2026');
  });
});

describe('a change', () => {
  it('of a message is told as what is new, and as nothing where nothing is', () => {
    const before = toMessage();
    const edited = toMessage({ text: 'Bye', edited_at: '2026-11-21T12:05:00Z' });
    const pinned = { ...edited, pinned_at: '2026-11-21T12:06:00Z', pinned_by: ids.carol };
    const liked = { ...pinned, reactions: [{ emoji: '👍', user_ids: [ids.carol] }] };
    const shown = toShown();
    expect(showMessageChange(before, edited, shown)).toEqual(['* #14 Bob now says: Bye']);
    expect(showMessageChange(edited, pinned, shown)).toEqual(['* ^ #14 pinned by Carol']);
    expect(showMessageChange(pinned, liked, shown)).toEqual(['* #14 👍1']);
    expect(showMessageChange(liked, pinned, shown)).toEqual(['* #14 has no reactions any more']);
    expect(showMessageChange(pinned, edited, shown)).toEqual(['* #14 unpinned']);
    expect(showMessageChange(liked, liked, shown)).toEqual([]);
    expect(showMessageChange(liked, toMessage({ text: '', deleted_at: '2026-11-21T12:07:00Z' }), shown)).toEqual([
      '* #14 was deleted',
    ]);
  });

  it('of a group names who came, who went and who is what', () => {
    const base = { chat_id: ids.chat, version: 3 };
    const show = (change: Parameters<typeof showGroupChange>[0]) => showGroupChange(change, toNames(), toLook());
    expect(show({ ...base, type: 'members_added', user_ids: [ids.bob, ids.carol] })).toEqual([
      '* new here: Bob, Carol',
    ]);
    expect(show({ ...base, type: 'member_removed', user_id: ids.alice })).toEqual(['* gone: You']);
    expect(show({ ...base, type: 'role_changed', members: [{ user_id: ids.bob, role: 'admin' }] })).toEqual([
      '* Bob: admin',
    ]);
  });
});

describe('presence', () => {
  it('is there, last seen, or nobody’s business', () => {
    const show = (online: boolean, at: string | null) =>
      showPresence({ user_id: ids.bob, online, last_seen_at: at }, toLook());
    expect(show(true, null)).toBe('* online');
    expect(show(false, '2026-11-21T12:00:00Z')).toBe('last seen 30 min ago');
    expect(show(false, null)).toBe('not there');
    expect(showPresence(undefined, toLook())).toBe('');
  });
});
