import type { Load } from '../load/load-process.ts';
import type { Storm } from '../load/storm.ts';
import { type ServerProcess, startServerProcess, startWorker, type Worker } from '../support/child.ts';
import type { Context, Family } from '../support/context.ts';
import { startMeter, toShares, toTotalMs, type Usage } from '../support/cpu.ts';
import { median, toLimit } from '../support/result.ts';
import { createWorld, fillChats, idSql, openMaker, touchChats, vacuum } from '../support/world.ts';

/** A thousand clients come back at the same moment, while others talk. */
const names = ['resume-storm', 'resume-storm-live'] as const;

/** Chats of each who comes back; `few` of them are in ten times as many. `changed`: chats with news, of all. */
const crowd = { people: 1_000, chatsEach: 50, few: 5, changed: 100, messages: 100 };
/** Those who talk meanwhile, in chats of their own. */
const others = { chats: 20, members: 10 };
const perSecond = 100;

async function createCrowd(url: string, people: number): Promise<void> {
  const world = { people, chats: people, members: crowd.chatsEach, step: 1 };
  await createWorld(url, world);
  await fillChats(url, world, { from: 0, to: people, messages: crowd.messages });
  const sql = openMaker(url);
  const talkers = others.chats * others.members;
  const [user, session] = [idSql('user', `${people} + n`), idSql('session', `${people} + n`)];
  const chat = idSql('chat', `${people} + n`);
  await sql.unsafe(`
    insert into memberships (chat_id, user_id, version, joined_version)
      select ${idSql('chat', 'c')}, ${idSql('user', 'p')}, 1, 1
        from generate_series(0, ${Math.min(people, crowd.chatsEach * 10) - 1}) c, generate_series(0, ${crowd.few - 1}) p
      on conflict do nothing;
    insert into users (id, name, email)
      select ${user}, 'Talker ' || n, 'talker' || n || '@example.com' from generate_series(0, ${talkers - 1}) n;
    insert into sessions (id, user_id, kind, expires_at)
      select ${session}, ${user}, 'device', now() + interval '1 day' from generate_series(0, ${talkers - 1}) n;
    insert into chats (id, type, version, members_version)
      select ${chat}, 'group', 1, 1 from generate_series(0, ${others.chats - 1}) n;
    insert into groups (id, chat_id, name, version)
      select ${idSql('group', `${people} + n`)}, ${chat}, 'Talkers ' || n, 1 from generate_series(0, ${others.chats - 1}) n;
    insert into memberships (chat_id, user_id, version, joined_version)
      select ${idSql('chat', `${people} + n / ${others.members}`)}, ${user}, 1, 1 from generate_series(0, ${talkers - 1}) n`);
  await vacuum(sql);
  await sql.end({ timeout: 5 });
}

interface Round {
  storm: Storm;
  usage: Usage;
  liveMs: number;
  quietMs: number;
}

interface Sources {
  context: Context;
  load: Worker<Load>;
  server: ServerProcess;
  live: number;
}

/** Everybody comes back while the others talk; before that they talk undisturbed for as long. */
async function runRound(
  { context, load, server, live }: Sources,
  { people, token }: { people: number; token: string },
): Promise<Round> {
  const ms = context.quick ? 1_500 : 3_000;
  const quiet = await load.ask('talkLive', { live, ms, perSecond });
  const talking = load.ask('talkLive', { live, ms, perSecond });
  const stop = startMeter({ server: [server.pid], load: [load.pid], postmaster: context.postmaster });
  const storm = await load.ask('storm', { port: server.port, people, token });
  const usage = stop();
  const { p99Ms: liveMs } = await talking;
  await load.ask('dropStorm', undefined);
  if (storm.refused > 0)
    throw new Error(`resume-storm: ${storm.refused} clients were turned away, the first by ${storm.refusal}`);
  return { storm, usage, liveMs, quietMs: quiet.p99Ms };
}

async function run(context: Context): Promise<void> {
  const people = context.quick ? 300 : crowd.people;
  await using database = await context.createDatabase();
  context.say(`  storing ${people} chats of ${crowd.chatsEach} people`);
  await createCrowd(database.url, people);
  await using load = startWorker<Load>('load/load-process');
  await using server = await startServerProcess(database.url, { RATE_LIMITS: 'off' });
  const live = await load.ask('openLive', {
    port: server.port,
    firstPerson: people,
    firstChat: people,
    ...others,
  });
  const token = await load.ask('openCatchUp', { port: server.port, person: 0 });
  await touchChats(database.url, Math.ceil((crowd.changed * people) / crowd.people));
  const sources = { context, load, server, live };
  // The first warms up.
  await runRound(sources, { people, token });
  const rounds: Round[] = [];
  for (let i = 0; i < 3; i++) rounds.push(await runRound(sources, { people, token }));
  report(context, { rounds, people });
}

function report(context: Context, { rounds, people }: { rounds: Round[]; people: number }): void {
  const storms = rounds.map(({ storm }) => storm);
  const limitedBy = toLimit(toShares(rounds.map(({ usage }) => usage)));
  const cpuMs = rounds.reduce((sum, { usage }) => sum + toTotalMs(usage), 0);
  const told = Math.round(storms[0]!.chats / people);
  if (context.wants('resume-storm'))
    context.report({
      name: 'resume-storm',
      value: median(storms.map(({ allMs }) => allMs)),
      unit: 'ms',
      reference: null,
      reach: { of: 'value', atMost: 5_000 },
      cpuMicros: (cpuMs * 1_000) / (people * rounds.length),
      limitedBy: `${limitedBy}; ${people} clients, ${told} changed chats each; half within ${Math.round(median(storms.map(({ p50Ms }) => p50Ms)))} ms`,
    });
  if (context.wants('resume-storm-live'))
    context.report({
      name: 'resume-storm-live',
      value: median(rounds.map(({ liveMs }) => liveMs)),
      unit: 'ms p99',
      reference: median(rounds.map(({ quietMs }) => quietMs)),
      reach: { of: 'value', atMost: 1_000 },
      limitedBy: `${limitedBy}; ${perSecond} messages/s to ${others.members - 1} sockets each`,
    });
}

export const stormFamily: Family = { names, run };
