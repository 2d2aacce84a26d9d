import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connect, type Messenger } from '../../src/client/index.ts';
import { until } from './support/clients.ts';
import { ScriptedServer } from './support/scripted-server.ts';

let server: ScriptedServer;
let messenger: Messenger;
beforeEach(async () => {
  server = await ScriptedServer.open();
  messenger = connect({ url: server.url, auth: { identifier: 'alice', password: 'secret' }, WebSocket });
  await messenger.ready();
});
afterEach(async () => {
  await messenger.close();
  await server[Symbol.asyncDispose]();
});

it('a mark that waits behind one that is refused is told, and answered', async () => {
  const chat = messenger.chat('0197a3c2-7d4e-7cc1-9a55-0c2f4be7d0a2');
  let refuse = (): void => undefined;
  server.answers['mark_read'] = ({ ref, seq }, socket) => {
    if (seq === 7) return { type: 'done' };
    const no = { type: 'error', ref, code: 'no_chat', message: 'no such chat', retry: 'never' };
    refuse = () => socket.send(JSON.stringify(no));
    return undefined;
  };
  const first = chat.markRead(5);
  await until(messenger.store, 'the first', () => server.frames.some(({ type }) => type === 'mark_read'));
  const second = chat.markRead(7);
  refuse();
  await expect(first).rejects.toMatchObject({ code: 'no_chat' });
  await second;
  expect(server.frames.filter(({ type }) => type === 'mark_read').map(({ seq }) => seq)).toEqual([5, 7]);
});
