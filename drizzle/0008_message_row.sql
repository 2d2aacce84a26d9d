-- A message as the full protocol shows it (src/protocol/message.ts): for pages of history, for catching up and for events alike.

-- Who gave a message which emoji, the oldest first.
create function reactions_of(p_chat uuid, p_seq bigint) returns json
  language sql stable parallel safe
  return (select json_agg(json_build_object('emoji', t.emoji, 'user_ids', t.user_ids) order by t.since, t.emoji)
    from (select r.emoji, json_agg(r.user_id order by r.created_at, r.user_id) as user_ids, min(r.created_at) as since
            from reactions r where r.chat_id = p_chat and r.seq = p_seq group by r.emoji) t);
--> statement-breakpoint

-- What a message has; what it has not is absent. p_reactions: reactions_of, or null for a message that never changed, which
-- has none. A subquery in here would keep the function from being taken apart into its caller.
create function message_json(m messages, p_reactions json) returns json
  language sql stable parallel safe
  return json_strip_nulls(json_build_object('id', m.id, 'chat_id', m.chat_id, 'seq', m.seq, 'version', m.version,
    'changed_version', m.changed_version, 'sender_id', m.sender_id, 'client_id', m.client_id, 'text', m.text,
    'timestamp', instant(m.sent_at), 'reply_to', m.reply_seq,
    'forwarded', case when m.forwarded_sender_id is not null
      then json_build_object('sender_id', m.forwarded_sender_id, 'timestamp', instant(m.forwarded_sent_at)) end,
    'mentions', m.mentions, 'edited_at', instant(m.edited_at), 'deleted_at', instant(m.deleted_at),
    'pinned_at', instant(m.pinned_at), 'pinned_by', m.pinned_by, 'reactions', p_reactions));
