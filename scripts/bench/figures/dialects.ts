import { subprotocol as full } from '../../../src/protocol/version.ts';
import { openPool } from '../../../src/server/db/client.ts';
import { createDialects } from '../../../src/server/dialects/dialects.ts';
import { createMetrics, type Metrics } from '../../../src/server/metrics.ts';
import { Delivery, Run } from '../../../src/server/realtime/delivery.ts';
import type { ChatContext } from '../../../src/server/realtime/events.ts';
import { toTextFrame } from '../../../src/server/realtime/frame.ts';
import { Names } from '../../../src/server/users/names.ts';
import type { Load } from '../load/load-process.ts';
import { startWorker, type Worker } from '../support/child.ts';
import type { Context, Family } from '../support/context.ts';
import { answerBytesOf, listen, messageEvent, openHub, sockets, toHello, toSide, turns } from '../support/delivery.ts';
import { compare, type Side } from '../support/rounds.ts';
import { createWorld, idOf } from '../support/world.ts';

interface Way {
  path: string;
  subprotocol?: string;
  atLeast: number;
}

/** Frames to sockets of each dialect beside those of the plain one, on the production hub. */
const ways: Record<string, Way> = {
  'deliver-full': { path: '/ws', subprotocol: full, atLeast: 0.9 },
  'deliver-direct': { path: `/ws/${idOf('user', 1)}/token`, atLeast: 0.8 },
  'deliver-lobby': { path: '/messenger/ws/?token=token', atLeast: 0.8 },
  'deliver-actions': { path: '/ws?token=token', atLeast: 0.8 },
  'deliver-rooms-chat': { path: `/ws/${idOf('chat', 0)}?token=token`, atLeast: 0.8 },
  'deliver-rooms-user': { path: '/ws/user?token=token', atLeast: 0.8 },
};
const encodings = 'encodings-full';

/** For the dialects that only speak of direct chats, the chat is one; the others do not look. */
const chat: ChatContext = { pair: [idOf('user', 0), idOf('user', 1)] };

interface Sources {
  context: Context;
  load: Worker<Load>;
  metrics: Metrics;
  entranceOf: ReturnType<typeof createDialects>['entranceOf'];
}

interface OpenSide {
  side: Side;
  /** Events that were told so far. */
  told(): number;
  close(): void;
}

async function openSide({ context, load, entranceOf }: Sources, { path, subprotocol }: Way): Promise<OpenSide> {
  const { hub, http } = openHub(entranceOf);
  const answerBytes = answerBytesOf(subprotocol);
  const input = { port: await listen(http), count: sockets, answerBytes, hello: toHello(path, subprotocol) };
  const sink = await load.ask('openSink', input);
  const connections = [...hub.connections];
  for (const { talk } of connections) talk.encodeOutcome({ kind: 'joined', chatId: idOf('chat', 0) }, {});
  const delivery = new Delivery();
  const frame = toTextFrame(connections[0]!.dialect.encodeEvent(messageEvent, chat)!);
  let told = 0;
  const side = toSide({
    load,
    sink,
    context,
    frameBytes: frame.length,
    async writeAll() {
      told++;
      delivery.deliver(new Run([messageEvent], chat), [...connections]);
      // Two slices, each written at the end of a turn.
      await turns(4);
    },
  });
  const close = (): void => {
    hub[Symbol.dispose]();
    http.close();
  };
  return { side, told: () => told, close };
}

async function countEncodings({ encodings: counter }: Metrics): Promise<number> {
  const { values } = await counter.get();
  return values.find(({ labels }) => labels.dialect === 'full')?.value ?? 0;
}

async function measure(sources: Sources, { name, way, plain }: { name: string; way: Way; plain: Side }): Promise<void> {
  const { context, metrics } = sources;
  const countsToo = way.subprotocol === full && context.wants(encodings);
  if (!context.wants(name) && !countsToo) return;
  const { side, told, close } = await openSide(sources, way);
  const before = await countEncodings(metrics);
  const { rate, referenceRate, cpuMicros, limitedBy } = await compare(side, plain, context.rounds);
  close();
  const reach = { of: 'ratio' as const, atLeast: way.atLeast };
  if (context.wants(name))
    context.report({ name, value: rate, unit: 'frames/s', reference: referenceRate, reach, cpuMicros, limitedBy });
  if (!countsToo) return;
  context.report({
    name: encodings,
    value: ((await countEncodings(metrics)) - before) / told(),
    unit: 'encodings an event',
    reference: null,
    reach: { of: 'value', atMost: 1 },
    limitedBy: `${told()} events to ${sockets} sockets each`,
  });
}

async function run(context: Context): Promise<void> {
  await using database = await context.createDatabase();
  await createWorld(database.url, { people: 2, chats: 1, members: 2, step: 1 });
  const sql = openPool(database.url, 4);
  const known = new Names({ sql });
  await known.load([idOf('user', 0), idOf('user', 1)]);
  await using load = startWorker<Load>('load/load-process');
  const metrics = createMetrics();
  // What frames ask for is nobody's here: these sockets only hear.
  const parts = { sql, names: known, metrics } as unknown as Parameters<typeof createDialects>[0];
  const sources = { context, load, metrics, entranceOf: createDialects(parts).entranceOf };
  const plain = await openSide(sources, { path: '/ws', atLeast: 1 });
  for (const [name, way] of Object.entries(ways)) await measure(sources, { name, way, plain: plain.side });
  plain.close();
  await sql.end({ timeout: 5 });
}

export const dialectsFamily: Family = { names: ['deliver-full', encodings, ...Object.keys(ways).slice(1)], run };
