import { openPool } from '../../../src/server/db/client.ts';
import { createDialects } from '../../../src/server/dialects/dialects.ts';
import { Delivery, Run } from '../../../src/server/realtime/delivery.ts';
import type { ChatContext } from '../../../src/server/realtime/events.ts';
import { toTextFrame } from '../../../src/server/realtime/frame.ts';
import { Names } from '../../../src/server/users/names.ts';
import type { Load } from '../load/load-process.ts';
import { startWorker, type Worker } from '../support/child.ts';
import type { Context, Family } from '../support/context.ts';
import { answerBytes, listen, messageEvent, openHub, sockets, toHello, toSide, turns } from '../support/delivery.ts';
import { compare, type Side } from '../support/rounds.ts';
import { createWorld, idOf } from '../support/world.ts';

/** Frames to sockets of each dialect beside those of the plain one, on the production hub. */
const paths = {
  'deliver-direct': `/ws/${idOf('user', 1)}/token`,
  'deliver-lobby': '/messenger/ws/?token=token',
  'deliver-actions': '/ws?token=token',
  'deliver-rooms-chat': `/ws/${idOf('chat', 0)}?token=token`,
  'deliver-rooms-user': '/ws/user?token=token',
} as const;
const names = Object.keys(paths) as (keyof typeof paths)[];

/** For the dialects that only speak of direct chats, the chat is one; the others do not look. */
const chat: ChatContext = { pair: [idOf('user', 0), idOf('user', 1)] };

interface Sources {
  context: Context;
  load: Worker<Load>;
  entranceOf: ReturnType<typeof createDialects>['entranceOf'];
}

async function openSide({ context, load, entranceOf }: Sources, path: string): Promise<{ side: Side; close(): void }> {
  const { hub, http } = openHub(entranceOf);
  const input = { port: await listen(http), count: sockets, answerBytes, hello: toHello(path) };
  const sink = await load.ask('openSink', input);
  const connections = [...hub.connections];
  for (const { talk } of connections) talk.encodeOutcome({ kind: 'joined', chatId: idOf('chat', 0) });
  const delivery = new Delivery();
  const frame = toTextFrame(connections[0]!.dialect.encodeEvent(messageEvent, chat)!);
  const side = toSide({
    load,
    sink,
    context,
    frameBytes: frame.length,
    async writeAll() {
      delivery.deliver(new Run([messageEvent], chat), [...connections]);
      // Two slices, each written at the end of a turn.
      await turns(4);
    },
  });
  const close = (): void => {
    hub[Symbol.dispose]();
    http.close();
  };
  return { side, close };
}

async function run(context: Context): Promise<void> {
  await using database = await context.createDatabase();
  await createWorld(database.url, { people: 2, chats: 1, members: 2, step: 1 });
  const sql = openPool(database.url, 4);
  const known = new Names({ sql });
  await known.load([idOf('user', 0), idOf('user', 1)]);
  await using load = startWorker<Load>('load/load-process');
  const sources = { context, load, entranceOf: createDialects({ sql, names: known }).entranceOf };
  const plain = await openSide(sources, '/ws');
  for (const name of names.filter((wanted) => context.wants(wanted))) {
    const ours = await openSide(sources, paths[name]);
    const { rate, referenceRate, cpuMicros, limitedBy } = await compare(ours.side, plain.side, context.rounds);
    ours.close();
    const reach = { of: 'ratio' as const, atLeast: 0.8 };
    context.report({ name, value: rate, unit: 'frames/s', reference: referenceRate, reach, cpuMicros, limitedBy });
  }
  plain.close();
  await sql.end({ timeout: 5 });
}

export const dialectsFamily: Family = { names, run };
