import * as contract from '../../protocol/message-changes.ts';
import type { Actor } from '../accounts/policy.ts';
import type { Sql } from '../db/client.ts';
import type { mountOn, Reply } from '../http/mount.ts';
import type { ChangeWaits } from './change-waits.ts';
import type { ChangedMessage, MessageCommands } from './message-commands.ts';
import { isAhead, listEdits, listPins, listReads } from './queries.ts';
import { getChanges } from './sync.ts';

type Mount = ReturnType<typeof mountOn>;

export interface MessageChangeRoutes {
  sql: Sql;
  messages: MessageCommands;
  waits: Pick<ChangeWaits, 'wait'>;
}

/** Puts what becomes of messages on the router, and the changes since a version. */
export function mountMessageChanges(mount: Mount, { sql, messages, waits }: MessageChangeRoutes): void {
  const at = ({ sessionId, userId }: Actor, place: { chatId: string; seq: number }) => ({
    sessionId,
    userId,
    ...place,
  });
  const answer = ({ row }: ChangedMessage): Reply => ({ status: 200, json: row });

  mount(contract.editMessage, async ({ caller, params, body: { text, mentions } }) =>
    answer(await messages.edit({ ...at(caller, params), text, mentions })),
  );
  mount(contract.deleteMessage, async ({ caller, params }) => answer(await messages.delete(at(caller, params))));
  mount(contract.putReaction, async ({ caller, params: { emoji, ...place } }) =>
    answer(await messages.react({ ...at(caller, place), emoji, on: true })),
  );
  mount(contract.deleteReaction, async ({ caller, params: { emoji, ...place } }) =>
    answer(await messages.react({ ...at(caller, place), emoji, on: false })),
  );
  mount(contract.putPin, async ({ caller, params }) => answer(await messages.pin({ ...at(caller, params), on: true })));
  mount(contract.deletePin, async ({ caller, params }) =>
    answer(await messages.pin({ ...at(caller, params), on: false })),
  );

  mount(contract.getEdits, async ({ caller, params }) => ({
    status: 200,
    json: await listEdits(sql, at(caller, params)),
  }));
  mount(contract.getReads, async ({ caller, params }) => ({
    status: 200,
    json: await listReads(sql, at(caller, params)),
  }));
  mount(contract.getPins, async ({ caller: { sessionId, userId }, params: { chatId } }) => ({
    status: 200,
    json: await listPins(sql, { sessionId, userId, chatId }),
  }));

  mount(contract.getChanges, async ({ caller: { sessionId, userId }, params: { chatId }, query, untilGone }) => {
    const { after, after_seq: afterSeq, limit, wait } = query;
    const place = { sessionId, userId, chatId, after };
    if (wait > 0) {
      const signal = untilGone();
      await waits.wait({ chatId, userId, maxMs: wait * 1_000, signal }, () => isAhead(sql, place));
      if (signal.aborted) return { status: 204, empty: true };
    }
    return { status: 200, json: await getChanges(sql, { ...place, afterSeq, limit }) };
  });
}
