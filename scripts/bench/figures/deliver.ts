import { createServer, type Socket } from 'node:net';
import { findPlainEntrance } from '../../../src/server/dialects/plain.ts';
import { Delivery, Run } from '../../../src/server/realtime/delivery.ts';
import { toTextFrame } from '../../../src/server/realtime/frame.ts';
import type { Load } from '../load/load-process.ts';
import { startWorker } from '../support/child.ts';
import type { Context, Family } from '../support/context.ts';
import { answerBytesOf, listen, messageEvent, openHub, sockets, toHello, toSide, turns } from '../support/delivery.ts';
import { compare } from '../support/rounds.ts';

const name = 'deliver-frames';
const noPair = { pair: undefined };
const entrance = findPlainEntrance(new URL('ws://localhost/ws'))!;
const frame = toTextFrame(entrance.dialect.encodeEvent(messageEvent, noPair)!);

async function run(context: Context): Promise<void> {
  await using load = startWorker<Load>('load/load-process');
  const { hub, http } = openHub(() => entrance);
  const bare = new Set<Socket>();
  const net = createServer((socket) => void bare.add(socket));
  const input = { count: sockets, answerBytes: answerBytesOf(), hello: toHello('/ws') };
  const hubSink = await load.ask('openSink', { port: await listen(http), ...input });
  const bareSink = await load.ask('openSink', { port: await listen(net), count: sockets, hello: '', answerBytes: 0 });
  const delivery = new Delivery();
  const ours = toSide({
    load,
    sink: hubSink,
    context,
    frameBytes: frame.length,
    async writeAll() {
      delivery.deliver(new Run([messageEvent], noPair), [...hub.connections]);
      // Two slices, each written at the end of a turn.
      await turns(4);
    },
  });
  const reference = toSide({
    load,
    sink: bareSink,
    context,
    frameBytes: frame.length,
    async writeAll() {
      for (const socket of bare) socket.write(frame);
      await turns(1);
    },
  });
  const { rate, referenceRate, cpuMicros, limitedBy } = await compare(ours, reference, context.rounds);
  hub[Symbol.dispose]();
  for (const socket of bare) socket.destroy();
  http.close();
  net.close();
  const reach = { of: 'ratio' as const, atLeast: 0.9 };
  context.report({ name, value: rate, unit: 'frames/s', reference: referenceRate, reach, cpuMicros, limitedBy });
}

export const deliverFamily: Family = { names: [name], run };
