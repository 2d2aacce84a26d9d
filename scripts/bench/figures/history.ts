import type { Load } from '../load/load-process.ts';
import type { ExpressServer } from '../references/express-process.ts';
import { type ServerProcess, startServerProcess, startWorker, type Worker } from '../support/child.ts';
import type { Context, Family } from '../support/context.ts';
import type { Reach } from '../support/result.ts';
import { compare, type Side } from '../support/rounds.ts';
import { createTokenOf, createWorld, fillChats, idOf } from '../support/world.ts';

/**
 * Pages of 50 of one very long chat, over HTTP, with token, membership and rates on both sides.
 */
const names = ['history-page', 'history-newest-hot', 'history-depth-key', 'history-depth-offset'] as const;

const world = { people: 1_000, chats: 1, members: 1_000, step: 1 };
const chatId = idOf('chat', 0);
const rowsPerPage = 50;

interface Sources {
  context: Context;
  load: Worker<Load>;
  server: ServerProcess;
  reference: Worker<ExpressServer>;
  referencePort: number;
  messages: number;
}

interface Pages {
  /** Enough that nobody meets the rate of one person, and no more: each has to be known. */
  people: number;
  path: string;
  from: number;
  to: number;
}

function toSide({ context, load }: Sources, { port, pid }: { port: number; pid: number }, pages: Pages): Side {
  return {
    parties: { server: [pid], load: [load.pid], postmaster: context.postmaster },
    run: (ms) => load.ask('makeRequests', { ...pages, port, people: pages.people, connections: 32, ms }),
  };
}

const ours = (sources: Sources, pages: Pages): Side => toSide(sources, sources.server, pages);

const theirs = (sources: Sources, pages: Pages): Side =>
  toSide(sources, { port: sources.referencePort, pid: sources.reference.pid }, pages);

async function report(
  sources: Sources,
  name: string,
  sides: { ours: Side; reference: Side; reach: Reach },
): Promise<void> {
  const { context } = sources;
  if (!context.wants(name)) return;
  const { rate, referenceRate, cpuMicros, limitedBy } = await compare(sides.ours, sides.reference, context.rounds);
  context.report({
    name,
    value: rate,
    unit: 'pages/s',
    reference: referenceRate,
    reach: sides.reach,
    cpuMicros,
    limitedBy,
  });
}

async function measurePages(sources: Sources): Promise<void> {
  const { messages } = sources;
  const anywhere = { people: 300, from: rowsPerPage + 1, to: messages };
  await report(sources, 'history-page', {
    ours: ours(sources, { path: `/history/${chatId}?limit=50&before={n}`, ...anywhere }),
    reference: theirs(sources, { path: `/drizzle/${chatId}?before={n}`, ...anywhere }),
    reach: { of: 'ratio', atLeast: 1.8 },
  });
  await report(sources, 'history-newest-hot', {
    ours: ours(sources, { path: `/history/${chatId}?limit=50&before=end`, people: 1_000, from: 0, to: 1 }),
    reference: theirs(sources, { path: `/ready/${chatId}`, people: 1_000, from: 0, to: 1 }),
    reach: { of: 'ratio', atLeast: 0.9 },
  });
}

/** The same number of pages around the end of the chat and around its middle: a page costs the same wherever it is. */
async function measureDepth(sources: Sources): Promise<void> {
  const { messages } = sources;
  const span = 1_000;
  const depth = messages / 2;
  const byKey = `/history/${chatId}?limit=50&before={n}`;
  await report(sources, 'history-depth-key', {
    ours: ours(sources, { path: byKey, people: 300, from: messages - depth - span, to: messages - depth }),
    reference: ours(sources, { path: byKey, people: 300, from: messages - span, to: messages }),
    reach: { of: 'ratio', atLeast: 0.8 },
  });
  const byOffset = `/history/${chatId}?limit=50&offset={n}`;
  await report(sources, 'history-depth-offset', {
    ours: ours(sources, { path: byOffset, people: 300, from: depth, to: depth + span }),
    reference: ours(sources, { path: byOffset, people: 300, from: 0, to: span }),
    reach: { of: 'ratio', atLeast: 0.8 },
  });
}

/** The newest page as the server gives it, for the reference to give as it is. */
async function getNewestPage(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/history/${chatId}?limit=50&before=end`, {
    headers: { authorization: `Bearer ${createTokenOf()(0)}` },
  });
  if (!response.ok) throw new Error(`no page: ${response.status} ${await response.text()}`);
  return response.text();
}

async function run(context: Context): Promise<void> {
  const messages = context.quick ? 100_000 : 2_000_000;
  await using database = await context.createDatabase();
  await createWorld(database.url, world);
  context.say(`  storing a chat of ${messages} messages`);
  await fillChats(database.url, world, { from: 0, to: 1, messages });
  await using load = startWorker<Load>('load/load-process');
  await using server = await startServerProcess(database.url, {});
  await using reference = startWorker<ExpressServer>('references/express-process');
  const page = await getNewestPage(server.port);
  const referencePort = await reference.ask('start', { url: database.url, chatId, page });
  const sources = { context, load, server, reference, referencePort, messages };
  await measurePages(sources);
  await measureDepth(sources);
}

export const historyFamily: Family = { names, run };
