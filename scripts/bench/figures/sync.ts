import { limits } from '../../../src/protocol/limits.ts';
import type { Load } from '../load/load-process.ts';
import { startServerProcess, startWorker } from '../support/child.ts';
import type { Context, Family } from '../support/context.ts';
import { compare, type Side } from '../support/rounds.ts';
import { createWorld, fillChats, idOf, openMaker, vacuum } from '../support/world.ts';

/** Catching up with a long chat, half of it new messages and half old ones that changed, through a real socket. */
const name = 'sync-10k';

const world = { people: 100, chats: 1, members: 100, step: 1 };
const chatId = idOf('chat', 0);

/**
 * The newest messages were stored, and as many old ones changed, by turns: every second version belongs to a change. Half of
 * the changed ones were edited, the others have a reaction.
 */
async function changeMessages(url: string, { messages, fresh }: { messages: number; fresh: number }): Promise<void> {
  const sql = openMaker(url);
  const known = messages - fresh;
  const step = Math.floor(known / fresh);
  await sql.unsafe(`
    update messages set version = ${known + 1} + 2 * (seq - ${known}) where seq > ${known};
    update messages set changed_version = ${known} + 2 * (seq / ${step}),
        edited_at = case when seq / ${step} % 2 = 0 then now() end
      where seq <= ${step * fresh} and seq % ${step} = 0;
    insert into reactions (chat_id, seq, emoji, user_id, created_at)
      select chat_id, seq, '👍', '${idOf('user', 3)}', now() from messages where changed_version is not null and edited_at is null;
    update chats set version = ${known + 1 + 2 * fresh}`);
  await vacuum(sql);
  await sql.end({ timeout: 5 });
}

async function run(context: Context): Promise<void> {
  const [messages, fresh] = context.quick ? [20_000, 1_000] : [100_000, 5_000];
  const rows = 2 * fresh;
  await using database = await context.createDatabase();
  await createWorld(database.url, world);
  context.say(`  storing a chat of ${messages} messages, ${rows} of them news`);
  await fillChats(database.url, world, { from: 0, to: 1, messages });
  await changeMessages(database.url, { messages, fresh });
  await using load = startWorker<Load>('load/load-process');
  await using server = await startServerProcess(database.url, { RATE_LIMITS: 'off' });
  await load.ask('openCatchUp', { port: server.port, person: 0 });
  const parties = { server: [server.pid], load: [load.pid], postmaster: context.postmaster };
  const afterSeq = messages - fresh;
  const ours: Side = {
    parties,
    run: (ms) => load.ask('sync', { chatId, after: afterSeq + 1, afterSeq, limit: limits.sync.maxRows, ms }),
  };
  const reference: Side = {
    parties,
    run: (ms) =>
      load.ask('readHistory', { port: server.port, chatId, person: 0, rows, limit: limits.page.maxRows, ms }),
  };
  const { rate, referenceRate, cpuMicros, limitedBy } = await compare(ours, reference, context.rounds);
  context.report({
    name,
    value: rate,
    unit: 'rows/s',
    reference: referenceRate,
    reach: { of: 'ratio', atLeast: 0.3 },
    cpuMicros,
    limitedBy: `${limitedBy}; ${rows} rows in ${Math.round((rows * 1_000) / rate)} ms`,
  });
}

export const syncFamily: Family = { names: [name], run };
