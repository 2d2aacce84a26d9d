import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Chat, Message } from '../../src/client/index.ts';
import { Emitter } from '../../src/client/emitter.ts';
import { systemClock } from '../../src/client/platform.ts';
import { Store } from '../../src/client/store.ts';
import { keyOf, MessageWindow } from '../../src/client/window.ts';

const [me, other, chatId] = [randomUUID(), randomUUID(), randomUUID()];

const row = (fields: Partial<Chat> = {}): Chat => ({
  id: chatId,
  name: 'Car',
  type: 'group',
  description: null,
  avatar_url: null,
  avatar_small_url: null,
  group_id: randomUUID(),
  creator_id: me,
  history: 'all',
  members: [me, other].map((id) => ({
    id,
    name: id,
    email: null,
    username: null,
    avatar_small_url: null,
    role: 'member',
  })),
  more_members: false,
  role: 'member',
  muted_until: null,
  archived: false,
  pinned: false,
  last_seq: 0,
  version: 1,
  read_seq: 0,
  delivered_seq: 0,
  seen_seq: 0,
  unread_count: 0,
  unread_mentions: 0,
  marked_unread: false,
  draft: null,
  last_message: null,
  active_at: '2025-05-04T04:40:00Z',
  ...fields,
});

const message = (seq: number, fields: Partial<Message> = {}): Message => ({
  id: randomUUID(),
  chat_id: chatId,
  seq,
  version: seq + 1,
  sender_id: other,
  client_id: randomUUID(),
  text: `text ${seq}`,
  timestamp: '2025-05-04T04:45:50Z',
  ...fields,
});

const page = (version: number, rows: Message[], last: number) => ({
  version,
  first_seq: last === 0 ? 0 : 1,
  last_seq: last,
  rows,
});

describe('a window of messages', () => {
  it('is always a run without a hole, of the newest states, whatever pages and changes come', () => {
    const happening = fc.oneof(
      fc.record({ what: fc.constant('new' as const) }),
      fc.record({ what: fc.constant('change' as const), seq: fc.integer({ min: 1, max: 60 }) }),
      fc.record({
        what: fc.constant('page' as const),
        seq: fc.integer({ min: 1, max: 60 }),
        size: fc.integer({ min: 1, max: 12 }),
        late: fc.nat(4),
      }),
    );
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
        const window = new MessageWindow(25);
        let rows: Message[] = [];
        let version = 1;
        const write = (seq: number): void => {
          version++;
          if (seq > rows.length) rows = [...rows, message(rows.length + 1, { version })];
          else rows = rows.with(seq - 1, { ...rows[seq - 1]!, changed_version: version, text: `at ${version}` });
          window.put(rows[Math.min(seq, rows.length) - 1]!);
        };
        window.addPage(page(version, [], 0), 'newest');
        for (const one of happenings) {
          if (one.what === 'new') write(rows.length + 1);
          if (one.what === 'change' && one.seq <= rows.length) write(one.seq);
          if (one.what === 'page' && one.seq <= rows.length) {
            window.beginReading();
            const answer = page(version, rows.slice(one.seq - 1, one.seq - 1 + one.size), rows.length);
            // What happens between the reading of the page and its arrival.
            for (let i = 0; i < one.late; i++) write(i % 2 === 0 ? rows.length + 1 : Math.max(1, one.seq));
            window.addPage(answer, keepFor(one.size));
            window.endReading();
          }
          const first = window.rows[0]?.seq ?? 1;
          expect(window.rows).toEqual(rows.slice(first - 1, first - 1 + window.rows.length));
          if (window.atEnd && rows.length > 0) expect(window.rows.at(-1)?.seq).toBe(rows.length);
          if (window.atStart && window.rows.length > 0) expect(first).toBe(1);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

const keepFor = (size: number): 'newest' | 'oldest' => (size % 2 === 0 ? 'newest' : 'oldest');

describe('the store', () => {
  let store: Store;
  beforeEach(() => {
    store = new Store({ clock: systemClock, perChat: 100, total: 150, onError: (error) => expect.fail(String(error)) });
    store.userId = me;
    store.putChat(row());
  });

  it('shows the same object until there is something new, in every slice that it is part of', () => {
    const [chats, chat] = [store.get('chats'), store.get(`chat:${chatId}`)];
    expect(store.get('chats')).toBe(chats);
    store.putPositions(chatId, [{ user_id: other, delivered_seq: 1, read_seq: 1 }]);
    expect(store.get(`chat:${chatId}`)).toBe(chat);
    store.setSeen(chatId, 1);
    expect(store.get(`chat:${chatId}`)).not.toBe(chat);
    expect(store.get('chats')[0]).toBe(store.get(`chat:${chatId}`));
  });

  it('tells a listener what is new, and no slice shows what is old meanwhile', () => {
    const seen: unknown[] = [];
    store.subscribe('chats', () => seen.push(store.get('chats')[0]!.own.unread_count));
    store.subscribe(
      (view) => view.get('chats')[0]?.own.unread_count,
      (count) => seen.push(count),
    );
    store.putMessage(message(1), true);
    expect(seen).toEqual([1, 1]);
  });

  it('tells a listener once that ends and begins anew while it is told, and none that another has ended', () => {
    const emitter = new Emitter<{ told: number }>((error) => expect.fail(String(error)));
    const ways: [begin: (listener: () => void) => () => void, tell: () => void][] = [
      [(listener) => store.subscribe('chats', listener), () => store.setSeen(chatId, 1)],
      [(listener) => store.subscribe((view) => view.get('chats'), listener), () => store.setSeen(chatId, 2)],
      [(listener) => emitter.on('told', listener), () => emitter.emit('told', 1)],
    ];
    for (const [begin, tell] of ways) {
      let calls = 0;
      let end = begin(function again() {
        end();
        endOther();
        if (++calls < 5) end = begin(again);
      });
      const endOther = begin(() => expect.fail('it had ended'));
      tell();
      expect(calls).toBe(1);
      end();
    }
  });

  it('tells once for everything that happens in a batch', () => {
    let calls = 0;
    const off = store.subscribe(`chat:${chatId}`, () => calls++);
    store.batch(() => {
      for (let seq = 1; seq <= 10; seq++) store.putMessage(message(seq), true);
    });
    expect(calls).toBe(1);
    off();
    store.setSeen(chatId, 3);
    expect(calls).toBe(1);
  });

  it('counts what is unread until the server says it', () => {
    const own = () => store.chat(chatId)!.own;
    store.putMessage(message(1), true);
    store.putMessage(message(2, { mentions: [{ user_id: me, offset: 0, length: 1 }] }), true);
    store.putMessage(message(3, { sender_id: me }), true);
    expect(own()).toMatchObject({ unread_count: 2, unread_mentions: 1, last_seq: 3 });
    expect(
      store.setOwn({ ...own(), version: 4, read_seq: 1, delivered_seq: 3, unread_count: 1, unread_mentions: 1 }),
    ).toBe(false);
    store.putMessage(message(4), true);
    expect(own()).toMatchObject({ unread_count: 2, unread_mentions: 1, read_seq: 1 });
  });

  it('ignores an own state that is older than what it knows', () => {
    const own = store.chat(chatId)!.own;
    store.setOwn({ ...own, read_seq: 5, last_seq: 5, delivered_seq: 5, version: 6 });
    store.setOwn({ ...own, read_seq: 3, last_seq: 5, delivered_seq: 5, version: 6, unread_count: 2 });
    expect(store.chat(chatId)!.own).toMatchObject({ read_seq: 5, unread_count: 0 });
  });

  it('asks for the state where a change hits an unread message that it does not hold', () => {
    store.setOwn({ ...store.chat(chatId)!.own, version: 4, last_seq: 3, unread_count: 3 });
    const deleted = message(2, { changed_version: 5, deleted_at: '2025-05-04T04:46:00Z', text: '' });
    expect(store.putMessage(deleted, false)).toBe(true);
  });

  it('corrects the count where it holds the message', () => {
    store.setOpen(chatId, true);
    store.addPage(
      {
        type: 'history',
        chat_id: chatId,
        ...page(
          4,
          [1, 2, 3].map((seq) => message(seq)),
          3,
        ),
      },
      'newest',
    );
    store.setOwn({ ...store.chat(chatId)!.own, version: 4, last_seq: 3, unread_count: 3 });
    const deleted = message(2, { changed_version: 5, deleted_at: '2025-05-04T04:46:00Z', text: '' });
    expect(store.putMessage(deleted, false)).toBe(false);
    expect(store.chat(chatId)!.own.unread_count).toBe(2);
    expect(keyOf(store.findMessage(chatId, 2)!)).toBe(5);
  });

  it('holds a bounded number of messages: those that were not looked at for long go first', () => {
    const ids = [chatId, randomUUID(), randomUUID()];
    for (const id of ids) {
      if (id !== chatId) store.putChat(row({ id }));
      store.setOpen(id, true);
      const rows = Array.from({ length: 90 }, (_, i) => message(i + 1, { chat_id: id }));
      store.addPage({ type: 'history', chat_id: id, ...page(91, rows, 90) }, 'newest');
    }
    const held = ids.map((id) => store.get(`messages:${id}`).rows.length);
    expect(held.at(-1)).toBe(90);
    expect(held[0]).toBe(50);
    expect(store.get(`messages:${chatId}`)).toMatchObject({ atStart: false, atEnd: true });
  });
});
