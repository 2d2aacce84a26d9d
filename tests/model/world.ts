import postgres from 'postgres';
import { findFreePort, NodeProcess } from '../faults/node-process.ts';
import { createActor, createGroup, type Actor } from '../support/cast.ts';
import { Device } from '../support/device.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { createTrace, type Trace } from '../support/trace.ts';
import { Intents } from './intents.ts';
import { Journal } from './journal.ts';
import { Phone, type Connect } from './phone.ts';
import type { Random } from './random.ts';

/** People and how many clients of the SDK each of them has. */
const cast = [
  ['Alice', 2],
  ['Bob', 3],
  ['Carol', 1],
  ['Dave', 2],
] as const;

export interface WorldOptions {
  databaseUrl: string;
  random: Random;
  nodes: number;
  connect: Connect;
  /** Where the `dist` of the server is. */
  root?: string;
  people?: readonly (readonly [name: string, phones: number])[];
  /** Who writes from a plain client, too. */
  plain?: readonly string[];
}

/** Nodes, people, their clients on roads of their own, and what they wanted and saw. */
export interface World extends AsyncDisposable {
  sql: postgres.Sql;
  nodes: NodeProcess[];
  people: Actor[];
  phones: Phone[];
  plain: Device[];
  roads: { name: string; proxy: TcpProxy }[];
  trace: Trace;
  intents: Intents;
  journal: Journal;
  lastingChatId: string;
  /** Up to which message it was looked at who sent it, by chat. */
  checkedSeqs: Map<string, number>;
  openPhone: (person: Actor, name: string, node?: number) => Promise<Phone>;
}

async function startNodes({ databaseUrl, nodes, root }: WorldOptions): Promise<NodeProcess[]> {
  const ports: number[] = [];
  while (ports.length < nodes) ports.push(await findFreePort());
  const processes = ports.map((port) => new NodeProcess({ databaseUrl, port, ...(root !== undefined && { root }) }));
  for (const node of processes) await node.start();
  return processes;
}

export async function createWorld(options: WorldOptions): Promise<World> {
  const { databaseUrl, random, connect } = options;
  const nodes = await startNodes(options);
  const sql = postgres(databaseUrl, { max: 2, onnotice: () => undefined });
  const place = { url: nodes[0]!.url, wsUrl: '' };
  const [intents, journal, trace] = [
    new Intents(),
    new Journal({ hearsFrames: process.env['MODEL_FRAMES'] !== undefined }),
    createTrace(),
  ];
  const roads: World['roads'] = [];
  const phones: Phone[] = [];
  const openPhone = async (person: Actor, name: string, node = phones.length % nodes.length): Promise<Phone> => {
    const url = (): string => nodes[node]!.url;
    const phone = await Phone.open({ name, person, url, random: random.fork(name), journal, intents, connect });
    roads.push({ name, proxy: phone.proxy });
    phones.push(phone);
    return phone;
  };
  const { people: listed = cast, plain: plainly = ['Bob', 'Dave'] } = options;
  const people = await Promise.all(listed.map(([name]) => createActor(place, name)));
  const { chatId: lastingChatId } = await createGroup(place, people, 'The lasting one');
  await createGroup(place, people.slice(0, 3));
  for (const [i, [name, count]] of listed.entries())
    for (let n = 1; n <= count; n++) await openPhone(people[i]!, `${name} ${n}`);
  const plain: Device[] = [];
  for (const person of people.filter(({ name }) => plainly.includes(name))) {
    const proxy = await TcpProxy.to(() => nodes[plain.length % nodes.length]!.url);
    const name = `${person.name} plain`;
    roads.push({ name, proxy });
    plain.push(new Device({ name, person, url: () => proxy.wsUrl, trace }));
  }
  return {
    sql,
    nodes,
    people,
    phones,
    plain,
    roads,
    trace,
    intents,
    journal,
    lastingChatId,
    checkedSeqs: new Map(),
    openPhone,
    async [Symbol.asyncDispose]() {
      await Promise.all([...plain.map((device) => device.stop()), ...phones.map((phone) => phone.client.close())]);
      for (const { proxy } of roads) await proxy[Symbol.asyncDispose]();
      for (const node of nodes) await node[Symbol.asyncDispose]();
      await sql.end({ timeout: 5 });
    },
  };
}
