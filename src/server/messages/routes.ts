import { limits } from '../../protocol/limits.ts';
import * as contract from '../../protocol/messages.ts';
import type { Config } from '../config.ts';
import type { Sql } from '../db/client.ts';
import type { mountOn } from '../http/mount.ts';
import type { Marks } from './marks.ts';
import type { PageCache } from './page-cache.ts';
import { getHistory, getPublicHistory, getSeq } from './queries.ts';
import type { Writer } from './writer.ts';

type Mount = ReturnType<typeof mountOn>;

export interface MessageRoutes {
  sql: Sql;
  writer: Pick<Writer, 'send'>;
  marks: Pick<Marks, 'mark' | 'markDelivered'>;
  pages: Pick<PageCache, 'findNewest'>;
  config: Pick<Config, 'historyPublic'>;
}

/** Puts sending, history and marks on the router. */
export function mountMessages(mount: Mount, { sql, writer, marks, pages, config }: MessageRoutes): void {
  if (config.historyPublic === 'off') {
    mount(contract.getHistory, async ({ caller, params: { chatId }, query }) => {
      const place = contract.toPlace(query);
      const isNewest = place.by === 'before' && place.seq === 'end' && query.limit === limits.page.defaultRows;
      const ready = isNewest ? await pages.findNewest({ chatId, userId: caller.userId }) : undefined;
      return { status: 200, json: ready ?? (await getHistory(sql, { ...caller, chatId, place, limit: query.limit })) };
    });
  } else {
    mount({ ...contract.getHistory, auth: 'public' }, async ({ params: { chatId }, query }) => ({
      status: 200,
      json: await getPublicHistory(sql, { chatId, place: contract.toPlace(query), limit: query.limit }),
    }));
  }

  mount(contract.putMessage, async ({ caller, params: { chatId, clientId }, body }) => {
    const { sessionId, userId: senderId } = caller;
    const { text, timestamp, reply_to: replyTo, mentions, after } = body;
    const forward = body.forward && { chatId: body.forward.chat_id, seq: body.forward.seq };
    const content = { text, replyTo, mentions, forward, after, sentAt: timestamp ?? null };
    const { id, seq, version, sentAt, duplicate } = await writer.send({
      sessionId,
      senderId,
      chatId,
      clientId,
      ...content,
    });
    const sent: contract.SentMessage = {
      id,
      client_id: clientId,
      chat_id: chatId,
      seq,
      version,
      timestamp: sentAt,
      duplicate,
    };
    return { status: duplicate ? 200 : 201, body: sent };
  });

  mount(contract.markRead, async ({ caller, params: { chatId }, body: { seq, message_id: messageId } }) => {
    const { sessionId, userId } = caller;
    const upTo = seq ?? (await getSeq(sql, { chatId, messageId: messageId!, userId }));
    const { readSeq } = await marks.mark({ sessionId, userId, chatId, seq: upTo });
    return { status: 200, body: { chat_id: chatId, read_seq: readSeq } };
  });

  mount(contract.markDelivered, async ({ caller: { sessionId, userId }, params: { chatId }, body: { seq } }) => {
    const { deliveredSeq } = await marks.markDelivered({ sessionId, userId, chatId, seq });
    return { status: 200, body: { chat_id: chatId, delivered_seq: deliveredSeq } };
  });
}
