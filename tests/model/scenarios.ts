/** Moments that a random run meets rarely, brought about on purpose, each with a check of everything behind it. */
import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import type { ChatHandle, Content } from '../../src/client/index.ts';
import type { Phone } from './phone.ts';
import { Random } from './random.ts';
import { findDisagreements, type Patience, type Rest } from './rest.ts';
import { createWorld, type World, type WorldOptions } from './world.ts';

/** Alice and Bob with a phone each, both with the chat open that they share. */
interface Stage {
  world: World;
  alice: Phone;
  bob: Phone;
  /** Alice's side of the chat, and Bob's. */
  hers: ChatHandle;
  his: ChatHandle;
}

/** Answers what was wrong beyond what every check looks at. */
type Scenario = (stage: Stage) => Promise<string[]>;

/** Where there is a mistake on purpose, much never happens: then nobody waits for long. */
const impatient: Patience = { onlineMs: 8_000, durableMs: 1_500, liveMs: 800, rereadMs: 2_000 };
const patientMs = 20_000;
const impatientMs = 5_000;
/** How long what must happen may take in the scenarios that are played now. */
let withinMs = patientMs;

async function until(what: string, condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + withinMs; !condition(); await sleep(5))
    if (Date.now() > deadline) throw new Error(`${what} did not happen`);
}

/** Rejects when it takes too long. */
async function soon<T>(what: string, promise: Promise<T>, ms = withinMs): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not happen`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function send({ world }: Stage, { name, person, order }: Phone, chat: ChatHandle, content: Content) {
  const clientId = randomUUID();
  world.intents.send({ clientId, phone: name, userId: person.id, chatId: chat.id, text: content.text });
  order.push(clientId);
  const { stored } = chat.send({ ...content, clientId });
  stored.catch(() => undefined);
  return stored;
}

const aliceSays = (stage: Stage, text: string): Promise<{ seq: number }> =>
  soon(`the ack of ${text.slice(0, 40)}`, send(stage, stage.alice, stage.hers, { text }));

const isType =
  (type: string) =>
  (frame: Record<string, unknown>): boolean =>
    frame['type'] === type;

/** Bob knows the message. */
const bobKnows = ({ his }: Stage, text: string): Promise<void> =>
  until(`that Bob knows of ${text}`, () => his.messages.rows.some((row) => row.text === text));

/** It is stored that the message has reached Bob. */
async function untilDelivered({ world, bob, his }: Stage, seq: number): Promise<void> {
  let isStored = false;
  for (const deadline = Date.now() + withinMs; !isStored && Date.now() < deadline; await sleep(10)) {
    const rows = await world.sql`select from memberships
      where chat_id = ${his.id} and user_id = ${bob.person.id} and delivered_seq >= ${seq}`;
    isStored = rows.length > 0;
  }
}

async function goOffline({ client, proxy }: Phone): Promise<void> {
  proxy.refuses = true;
  proxy.cut();
  await until('the break', () => client.state !== 'online');
}

async function comeBack({ client, proxy }: Phone): Promise<void> {
  proxy.mend();
  client.wake();
  await until('the return', () => client.state === 'online');
}

const scenariosOf: Record<string, Scenario> = {
  async 'a change gets lost, and the next one comes'(stage) {
    const lost = stage.bob.gate.lose(isType('message'));
    await aliceSays(stage, 'lost');
    await soon('the loss', lost);
    await aliceSays(stage, 'heard');
    return [];
  },

  async 'changes come while what was missed is being read'(stage) {
    const lost = stage.bob.gate.lose(isType('message'));
    const page = stage.bob.gate.hold(isType('changes'));
    await aliceSays(stage, 'lost on the way');
    await soon('the loss', lost);
    await aliceSays(stage, 'after it');
    await soon('the page', page.caught);
    const frames = stage.bob.observer.frames;
    await aliceSays(stage, 'while he reads');
    const { seq } = await aliceSays(stage, 'to be edited while he reads');
    stage.world.intents.edit(`${stage.hers.id} ${seq}`, 'edited while he reads');
    await stage.hers.edit(seq, 'edited while he reads');
    await until('that Bob hears', () => stage.bob.observer.frames >= frames + 3);
    page.release();
    return [];
  },

  async 'an ack gets lost'(stage) {
    const lost = stage.alice.gate.lose(isType('ack'));
    void aliceSays(stage, 'sent once').catch(() => undefined);
    await soon('the loss', lost);
    await goOffline(stage.alice);
    await comeBack(stage.alice);
    return [];
  },

  async 'much is written while there is no connection'(stage) {
    await goOffline(stage.alice);
    for (let i = 0; i < 12; i++) void aliceSays(stage, `written offline ${i}`).catch(() => undefined);
    await comeBack(stage.alice);
    return [];
  },

  async 'a page of history comes after a change of what it shows'(stage) {
    const { seq } = await aliceSays(stage, 'as it was');
    await bobKnows(stage, 'as it was');
    const page = stage.bob.gate.hold(isType('history'));
    const reading = stage.his.history({ around: seq, limit: 5 });
    await soon('the page', page.caught);
    await stage.hers.edit(seq, 'as it is');
    stage.world.intents.edit(`${stage.hers.id} ${seq}`, 'as it is');
    await bobKnows(stage, 'as it is');
    page.release();
    await reading;
    return [];
  },

  async 'a message is stored in the moment of a login'(stage) {
    for (let i = 0; i < 3; i++) {
      const answered = stage.bob.gate.hold(isType('changed'));
      stage.bob.proxy.cut();
      await until('the break', () => stage.bob.client.state !== 'online');
      stage.bob.client.wake();
      await soon('the answer', answered.caught);
      answered.release();
      await aliceSays(stage, `at login ${i}`);
      await comeBack(stage.bob);
    }
    return [];
  },

  async 'a message is edited, reacted to, pinned and deleted'(stage) {
    const seqs: number[] = [];
    for (const text of ['to edit', 'to react to', 'to pin', 'to delete']) seqs.push((await aliceSays(stage, text)).seq);
    await bobKnows(stage, 'to delete');
    const [edited, reacted, pinned, deleted] = seqs as [number, number, number, number];
    stage.world.intents.edit(`${stage.hers.id} ${edited}`, 'is edited');
    await stage.hers.edit(edited, 'is edited');
    await stage.hers.pin(pinned);
    await stage.hers.delete(deleted);
    await stage.his.react(reacted, '🎉');
    await stage.hers.react(reacted, '👍');
    return [];
  },

  async 'an older transaction commits after a token was made'(stage) {
    const { world, alice, bob, hers } = stage;
    const { seq } = await aliceSays(stage, 'before the slow edit');
    const other = await alice.client.openDirect(bob.person.id);
    world.intents.edit(`${hers.id} ${seq}`, 'edited slowly');
    // A position that moves after the token would bring the chat to his notice, too.
    await untilDelivered(stage, seq);
    await world.sql.begin(async (slow) => {
      // It has its number, and comes to its work late.
      await slow`select pg_current_xact_id()`;
      await soon('the ack', send(stage, alice, other, { text: 'meanwhile' }));
      await goOffline(bob);
      await comeBack(bob);
      await goOffline(bob);
      await slow`update messages set text = 'edited slowly', edited_at = now(), changed_version = raise_version(chat_id)
        where chat_id = ${hers.id} and seq = ${seq}`;
    });
    await comeBack(bob);
    return [];
  },

  async 'somebody reads too slowly'(stage) {
    const { bob } = stage;
    bob.proxy.bytesPerSecond = 4 * 1024;
    const text = 'x'.repeat(7_900);
    const sent: Promise<unknown>[] = [];
    for (let i = 0; i < 1_600; i++) sent.push(send(stage, stage.alice, stage.hers, { text: `${i} ${text}` }));
    await Promise.all(sent);
    bob.proxy.mend();
    await until(
      'that Bob catches up',
      () => stage.his.messages.rows.at(-1)?.seq === stage.hers.messages.rows.at(-1)?.seq,
    );
    return [];
  },

  async 'a message that nobody has read is deleted'(stage) {
    const { hers, bob } = stage;
    const named = [{ user_id: bob.person.id, offset: 0, length: 3 }];
    const seqs: number[] = [];
    for (const text of ['one', 'two', 'three'])
      seqs.push((await send(stage, stage.alice, hers, { text, mentions: named })).seq);
    await hers.delete(seqs[1]!);
    await goOffline(bob);
    await comeBack(bob);
    return [];
  },

  async 'much is missed'(stage) {
    const { seq } = await aliceSays(stage, 'known');
    await bobKnows(stage, 'known');
    await goOffline(stage.bob);
    const sent = Array.from({ length: 1_100 }, (_, i) => send(stage, stage.alice, stage.hers, { text: `missed ${i}` }));
    await Promise.all(sent);
    stage.world.intents.edit(`${stage.hers.id} ${seq}`, 'edited while he was away');
    await stage.hers.edit(seq, 'edited while he was away');
    await comeBack(stage.bob);
    return [];
  },

  async 'a message comes before what it comes after'({ world, alice, hers }) {
    const [first, second] = [randomUUID(), randomUUID()];
    const frame = { type: 'send', chat_id: hers.id, text: 'second', client_id: second, after: first };
    const answer = await askOnce(world.nodes[0]!.url, alice.person.token, frame);
    return answer['code'] === 'depends_missing'
      ? []
      : [`a message whose earlier one is not stored was answered with ${JSON.stringify(answer)}`];
  },
};

export const scenarioNames = Object.keys(scenariosOf);

/** Logs in on a socket of its own and asks one thing. */
async function askOnce(url: string, token: string, frame: Record<string, unknown>): Promise<Record<string, unknown>> {
  const ws = new WebSocket(`${url.replace('http', 'ws')}/ws`, 'messenger.v1');
  const answers: Record<string, unknown>[] = [];
  ws.on('message', (data) => answers.push(JSON.parse((data as Buffer).toString()) as Record<string, unknown>));
  ws.on('error', () => undefined);
  await until('the handshake', () => ws.readyState === WebSocket.OPEN);
  ws.send(JSON.stringify({ type: 'login', token }));
  ws.send(JSON.stringify({ ...frame, ref: 'asked' }));
  await until('an answer', () => answers.some(({ ref }) => ref === 'asked'));
  ws.terminate();
  return answers.find(({ ref }) => ref === 'asked')!;
}

/** Plays scenarios one after the other; answers what was found, each with the scenario's name before it. */
export async function playScenarios(
  options: Omit<WorldOptions, 'random' | 'people' | 'plain' | 'nodes'>,
  names: readonly string[],
  { isPatient }: { isPatient: boolean },
): Promise<string[]> {
  withinMs = isPatient ? patientMs : impatientMs;
  const people = ['Alice', 'Bob'].map((name) => [name, 1] as const);
  await using world = await createWorld({ ...options, random: new Random(1), nodes: 1, people, plain: [] });
  const [alice, bob] = world.phones as [Phone, Phone];
  await Promise.all([alice.client.ready(), bob.client.ready()]);
  const [hers, his] = [alice, bob].map(({ client }) => client.chat(world.lastingChatId)) as [ChatHandle, ChatHandle];
  const stage: Stage = { world, alice, bob, hers, his };
  await Promise.all([hers.open(), his.open()]);
  for (const phone of [alice, bob]) phone.observer.opened(world.lastingChatId);
  const rest: Rest = { comparisons: 0, values: 0, rereads: 0, slowestMs: 0 };
  const found: string[] = [];
  for (const name of names) {
    const wrong = await soon(name, scenariosOf[name]!(stage), 6 * withinMs).catch((error: unknown) => [String(error)]);
    wrong.push(...(await findDisagreements(world, rest, isPatient ? undefined : impatient)));
    found.push(...wrong.map((sentence) => `${name}: ${sentence}`));
  }
  return found;
}
