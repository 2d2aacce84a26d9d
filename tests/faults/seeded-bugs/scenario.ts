import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { createActor, createGroup, type Actor } from '../../support/cast.ts';
import { createDatabase } from '../../support/database.ts';
import { Device } from '../../support/device.ts';
import { createWorld, findAllBreaches, Load, untilAll, type World } from '../../support/load.ts';
import { findFreePort, NodeProcess } from '../node-process.ts';

const rounds = 2;

/**
 * Two nodes of the sources in `root` under load: people are removed while they send, and one node is killed.
 * Answers the breaches of guarantees that the checker found.
 */
export async function runScenario(root: string): Promise<string[]> {
  await using database = await createDatabase({ migrated: false });
  const [first, second] = await Promise.all([findFreePort(), findFreePort()]);
  await using one = new NodeProcess({ databaseUrl: database.url, port: first, root });
  await using two = new NodeProcess({ databaseUrl: database.url, port: second, root });
  await Promise.all([one.start(), two.start()]);
  const sql = postgres(database.url, { max: 2 });
  try {
    let urls = [one.url, two.url];
    const world = await createWorld(() => urls);
    for (let round = 0; round < rounds; round++) await removeWhoSends({ sql, world, one, two });
    const load = new Load(world);
    await sleep(500);
    urls = [two.url];
    await untilDelivered(world);
    await one.end('SIGKILL');
    await sleep(300);
    await load.stop();
    return await findAllBreaches({ sql, world, url: two.url });
  } finally {
    await sql.end();
  }
}

/** Resolves at the moment in which the first node has delivered what it has itself just stored, and acknowledged it. */
function untilDelivered({ devices }: World): Promise<void> {
  const [watcher, ...others] = devices as [Device, ...Device[]];
  const neighbours = others.filter(({ at }) => at === watcher.at);
  return new Promise((resolve) => {
    watcher.onHeard = ({ text }) => {
      if (neighbours.some(({ name }) => text.startsWith(name))) resolve();
    };
  });
}

/** A removal on one node and a message of the removed on the other wait for the same chat, the removal first. */
async function removeWhoSends(options: {
  sql: postgres.Sql;
  world: World;
  one: NodeProcess;
  two: NodeProcess;
}): Promise<void> {
  const { sql, world, one, two } = options;
  const owner = world.people[0] as Actor;
  const mallory = await createActor({ url: two.url, wsUrl: '' }, 'Mallory');
  const { chatId } = await createGroup({ url: one.url, wsUrl: '' }, [owner, mallory]);
  const url = (): string => two.url.replace(/^http/, 'ws');
  const device = new Device({ name: 'Mallory', person: mallory, url, trace: world.trace });
  await untilAll('log in', [device], () => device.isReady);
  const { removal, late } = await sql.begin(async (holder) => {
    await holder`select from chats where id = ${chatId} for update`;
    const removing = fetch(`${one.url}/api/v1/chats/${chatId}/members/${mallory.id}`, {
      method: 'DELETE',
      headers: owner.authorization,
    });
    await untilWaiting(sql, 1);
    const sending = device.send(chatId, 'after the removal');
    await untilWaiting(sql, 2);
    return { removal: removing, late: sending };
  });
  if ((await removal).status !== 200) throw new Error('the removal failed');
  await late;
  await device.stop();
}

async function untilWaiting(sql: postgres.Sql, count: number): Promise<void> {
  for (;;) {
    const [row] = await sql<{ n: number }[]>`
      select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    if (row!.n >= count) return;
    await sleep(5);
  }
}
