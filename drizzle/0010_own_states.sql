-- What a chat is to one of its members, and what they keep of it for themselves.

-- A member's own state as the full protocol shows it (OwnState in src/protocol/full.ts). Unread is what lies between the
-- position and the end, less one's own and what others deleted; messages are never counted one by one where they need not be.
create function own_state_json(s memberships, c chats) returns json
  language sql stable parallel safe
  return (select json_build_object('chat_id', s.chat_id, 'version', c.version, 'last_seq', c.last_seq, 'role', s.role,
      'delivered_seq', s.delivered_seq, 'read_seq', s.read_seq,
      'unread_count', case when p.position >= c.last_seq then 0 else c.last_seq - p.position
        - (select count(*) from messages m where m.chat_id = s.chat_id and m.sender_id = s.user_id and m.seq > 0 and m.seq > p.position)
        - (select count(*) from messages m where m.chat_id = s.chat_id and m.seq > p.position and m.deleted_at is not null
            and m.sender_id <> s.user_id) end,
      'unread_mentions', (select count(*) from mentions n where n.chat_id = s.chat_id and n.user_id = s.user_id and n.seq > s.read_seq),
      'marked_unread', s.marked_unread, 'muted_until', muted_for(s.muted_until), 'archived', s.archived_at is not null,
      'pinned', s.pinned_at is not null,
      'draft', (select json_strip_nulls(json_build_object('text', d.text, 'reply_to', d.reply_seq, 'updated_at', instant(d.updated_at)))
        from drafts d where d.chat_id = s.chat_id and d.user_id = s.user_id))
    from (select case when s.read_seq >= c.last_seq then c.last_seq
      else extend_over_own(s.chat_id, s.user_id, s.read_seq, c.last_seq) end as position) p);
