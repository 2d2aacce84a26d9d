import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadFile } from '../../scripts/support/load/load-file.ts';
import { openCredentials } from '../../src/server/accounts/credentials.ts';
import { logIn, messageFrame } from '../support/cast.ts';
import { startTestServer } from '../support/server.ts';

interface World {
  users: { id: string; email: string; password: string }[];
  chats: unknown[];
  chat_members: unknown[];
  messages: unknown[];
}

it('people who are online hear of chats that are loaded, from then on and without the history', async () => {
  await using server = await startTestServer();
  await using credentials = openCredentials({ cost: 4 });
  const folder = await mkdtemp(join(tmpdir(), 'messenger-load-'));
  try {
    const world = JSON.parse(await readFile(join(import.meta.dirname, '../../fake_data.json'), 'utf8')) as World;
    const load = async (): Promise<void> => {
      const file = join(folder, `${randomUUID()}.json`);
      await writeFile(file, JSON.stringify(world));
      await loadFile({ url: server.databaseUrl, credentials, file });
    };
    await load();
    const [james, vincent] = world.users as [World['users'][number], World['users'][number]];
    const [j, v] = await Promise.all([logIn(server, james), logIn(server, vincent)]);

    const chatId = randomUUID();
    world.chats.push({ id: chatId, name: 'Loaded later', type: 1 });
    world.chat_members.push({ chat_id: chatId, user_id: james.id }, { chat_id: chatId, user_id: vincent.id });
    const old = {
      sender_id: james.id,
      chat_id: chatId,
      timestamp: '2025-05-04 04:45:50+00:00',
      seen: false,
      text: 'old',
    };
    world.messages.push({ ...old, id: randomUUID() });
    await load();

    // The hint is on its way when the load ends; until it has arrived a message may go unheard.
    const hears = (): boolean => {
      j.send(messageFrame(james, chatId, 'new'));
      return v.received.some((text) => text.includes('"new"'));
    };
    await expect.poll(hears).toBe(true);
    expect(v.received.filter((text) => text.includes('"old"'))).toEqual([]);
    await Promise.all([j.close(), v.close()]);
    expect(server.bugs).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
