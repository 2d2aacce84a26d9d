/** Mistakes that servers of this kind were seen to make. Each is put into a copy of the sources, which must then fail. */
export interface SeededBug {
  name: string;
  /** Guarantees of which at least one must be found broken. */
  breaks: RegExp;
  /** Texts to replace, each of which stands exactly once in its file. */
  changes: { file: string; find: string; put: string }[];
}

const functions = 'drizzle/0001_functions.sql';
/** Where `send_messages` stands as it is now. */
const sending = 'drizzle/0009_message_changes.sql';
const writer = 'src/server/messages/writer.ts';

export const seededBugs: SeededBug[] = [
  {
    name: 'an ack that leaves before the commit',
    breaks: /^G1/,
    changes: [
      {
        file: writer,
        find: '  const [answer] = await sql<{ answer: string }[]>`select send_messages(',
        put: `  await sql\`begin\`;
  const lane = sql as typeof sql & { commit?: NodeJS.Timeout | undefined };
  lane.commit ??= setTimeout(() => {
    lane.commit = undefined;
    sql\`commit\`.catch(() => undefined);
  }, 100);
  const [answer] = await sql<{ answer: string }[]>\`select send_messages(`,
      },
    ],
  },
  {
    name: 'a delivery that leaves before the commit',
    breaks: /^G3/,
    changes: [
      {
        file: writer,
        find: '        const outs = await sendMessages(sql, rows);',
        put: `        await sql\`begin\`;
        const outs = await sendMessages(sql, rows);
        publish(toEvents(rows, outs));
        await new Promise((resolve) => setTimeout(resolve, 60));
        await sql\`commit\`;`,
      },
      {
        file: writer,
        find: '        publish(toEvents(rows, outs));\n      },',
        put: '      },',
      },
    ],
  },
  {
    name: 'numbers from a sequence',
    breaks: /^G3/,
    changes: [
      {
        file: functions,
        find: 'create type stored_message as',
        put: 'create sequence message_numbers;\n--> statement-breakpoint\ncreate type stored_message as',
      },
      {
        file: sending,
        find: "count(*) filter (where status = 'o') over (partition by ix order by ord) as nth",
        put: `count(*) filter (where status = 'o') over (partition by ix order by ord) as nth,
      case when status = 'o' then nextval('message_numbers') end as serial`,
      },
      { file: sending, find: 'select v_ids[ix], v_seq[ix] + nth,', put: 'select v_ids[ix], serial,' },
      { file: sending, find: "concat('o|', v_seq[ix] + nth,", put: "concat('o|', serial," },
    ],
  },
  {
    name: 'a retry that is stored again',
    breaks: /^G2/,
    changes: [
      {
        file: 'drizzle/0000_tables.sql',
        find: 'CREATE UNIQUE INDEX "messages_client_id_key"',
        put: 'CREATE INDEX "messages_client_id_key"',
      },
      {
        file: sending,
        find: 'm.chat_id is not distinct from v_ids[t.ix])',
        put: 'm.chat_id is not distinct from v_ids[t.ix] and false)',
      },
    ],
  },
  {
    name: 'an announcement of what was seen before',
    breaks: /^G7/,
    changes: [
      { file: functions, find: 'm.seq > v_old.seen_seq and m.seq <= v_seen', put: 'm.seq <= v_seen' },
      {
        file: functions,
        find: `
          and m.seq > seen_up_to(m.sender_id, v_old.seen_seq, v_old.behind_id, v_old.behind_seen_seq)
        order by`,
        put: `
        order by`,
      },
    ],
  },
  {
    name: 'a membership looked at before the lock',
    breaks: /^G8/,
    changes: [
      {
        file: sending,
        find: 'v_now timestamptz; v_answer text;',
        put: 'v_now timestamptz; v_answer text; v_may boolean[];',
      },
      {
        file: sending,
        find: '  select array_agg(c.id), array_agg(c.last_seq), array_agg(c.version), array_agg(c.members_version), array_agg(c.blocked)',
        put: `  select array_agg(coalesce((select s.left_seq is null from memberships s
      where s.chat_id = p_chats[t.ix] and s.user_id = t.sender), false) order by t.ord)
    into v_may from unnest(p_ix, p_sender) with ordinality as t(ix, sender, ord);
  select array_agg(c.id), array_agg(c.last_seq), array_agg(c.version), array_agg(c.members_version), array_agg(c.blocked)`,
      },
      {
        file: sending,
        find: `coalesce((select s.left_seq is null from memberships s
        where s.chat_id = v_ids[t.ix] and s.user_id = t.sender), false) as member`,
        put: 'v_may[t.ord] as member',
      },
    ],
  },
];
