import type { SeededBug } from '../faults/seeded-bugs/bugs.ts';

/** Mistakes that clients and servers of this kind were seen to make. Each is put into a copy of the sources. */
export interface PlantedBug {
  name: string;
  /** Whose sources are changed. */
  in: 'client' | 'server';
  /** Which of the scenarios finds it. */
  scenario: string;
  changes: SeededBug['changes'];
}

const syncState = 'src/client/sync-state.ts';
const outbox = 'src/client/outbox.ts';
const changesOfMessages = 'drizzle/0009_message_changes.sql';

export const plantedBugs: PlantedBug[] = [
  {
    name: 'a watermark that is the largest version seen',
    in: 'client',
    scenario: 'a change gets lost, and the next one comes',
    changes: [
      {
        file: syncState,
        find: 'return still({ ...state, target, held });',
        put: 'return still({ ...state, target, held, version: target });',
      },
    ],
  },
  {
    name: 'a change beyond a gap that is applied instead of held',
    in: 'client',
    scenario: 'a change gets lost, and the next one comes',
    changes: [
      {
        file: syncState,
        find: '  if (after > state.version) return hold(state, { after, version, seq, change });\n',
        put: '',
      },
    ],
  },
  {
    name: 'live changes that are dropped while a page is on its way',
    in: 'client',
    scenario: 'changes come while what was missed is being read',
    changes: [
      {
        file: syncState,
        find: '    syncing: {\n      live: receive,',
        put: "    syncing: {\n      live: (state, { change }) => ({ state, effects: [{ kind: 'drop', change }] }),",
      },
    ],
  },
  {
    name: 'a retry under another client_id',
    in: 'client',
    scenario: 'an ack gets lost',
    changes: [
      {
        file: outbox,
        find: "for (const item of items) if (item.status === 'sent') item.status = 'queued';",
        put: `for (const item of items)
        if (item.status === 'sent') {
          item.status = 'queued';
          item.frame.client_id = crypto.randomUUID();
        }`,
      },
    ],
  },
  {
    name: 'an outbox that is sent in another order after a break',
    in: 'client',
    scenario: 'much is written while there is no connection',
    changes: [
      {
        file: outbox,
        find: '    for (const chatId of this.#chats.keys()) this.#resume(chatId);',
        put: `    for (const items of this.#chats.values()) items.reverse();
    for (const chatId of this.#chats.keys()) this.#resume(chatId);`,
      },
    ],
  },
  {
    name: 'a page of history that takes the place of what is newer',
    in: 'client',
    scenario: 'a page of history comes after a change of what it shows',
    changes: [
      {
        file: 'src/client/window.ts',
        find: 'bySeq.has(row.seq) ? newer(bySeq.get(row.seq)!, row) : row',
        put: 'row',
      },
      {
        file: 'src/client/window.ts',
        find: 'return late !== undefined && keyOf(late) > version ? newer(row, late) : row;',
        put: 'return late !== undefined && version < 0 ? late : row;',
      },
    ],
  },
  {
    name: 'a socket that hears of changes only after its client has read',
    in: 'server',
    scenario: 'a message is stored in the moment of a login',
    changes: [
      {
        file: 'src/server/realtime/logins.ts',
        find: '      await subscribe(person);\n      const greeting',
        put: `      setTimeout(() => void subscribe(person).catch(() => undefined), 2_000);
      const greeting`,
      },
    ],
  },
  {
    name: 'a reaction that does not raise the version',
    in: 'server',
    scenario: 'a message is edited, reacted to, pinned and deleted',
    changes: [
      {
        file: changesOfMessages,
        find: '  update messages set changed_version = raise_version(p_chat) where chat_id = p_chat and seq = p_seq;\n',
        put: '',
      },
    ],
  },
  {
    name: 'a resume token that is the newest transaction',
    in: 'server',
    scenario: 'an older transaction commits after a token was made',
    changes: [
      {
        file: 'src/server/db/resume-token.ts',
        find: 'sql`pg_snapshot_xmin(pg_current_snapshot())`',
        put: "sql`(select coalesce(max(newest.tx), '3') from chats newest)`",
      },
    ],
  },
  {
    name: 'changes that a lagging socket is not told it missed',
    in: 'server',
    scenario: 'somebody reads too slowly',
    changes: [
      {
        file: 'src/server/realtime/outlet.ts',
        find: 'if (lag?.hasMissed) this.deliver(',
        put: 'if (lag?.hasMissed && this.#lag) this.deliver(',
      },
    ],
  },
  {
    name: 'unread counts that count deleted messages',
    in: 'server',
    scenario: 'a message that nobody has read is deleted',
    changes: [
      {
        file: 'drizzle/0010_own_states.sql',
        find: 'and m.seq > p.position and m.deleted_at is not null',
        put: 'and m.seq > p.position and m.deleted_at is not null and false',
      },
    ],
  },
  {
    name: 'a message that does not wait for the one it comes after',
    in: 'server',
    scenario: 'a message comes before what it comes after',
    changes: [
      {
        file: changesOfMessages,
        find: 'when after is not null and (select',
        put: 'when false and after is not null and (select',
      },
    ],
  },
  {
    name: 'a page of what was missed that claims to reach the end',
    in: 'server',
    scenario: 'much is missed',
    changes: [
      {
        file: 'src/server/messages/sync.ts',
        find: 'case when e.more then greatest(${after}::bigint, e.key) else (chat).version end as upto',
        put: '(chat).version as upto',
      },
    ],
  },
];
