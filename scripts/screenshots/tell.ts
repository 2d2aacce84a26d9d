/** Makes a story happen on a server: people register and talk through the SDK, and then it was a while ago. */
import type postgres from 'postgres';
import sharp from 'sharp';
import { WebSocket } from 'ws';
import { connect, type ChatHandle, type Mention, type Messenger } from '../../src/client/index.ts';
import { countCodePoints } from '../../src/protocol/text.ts';
import type { Line, Person, Story, Talk } from './story.ts';

export const password = 'nine roses in a row';

/** Where the story happens. */
export interface Stage {
  url: string;
  sql: postgres.Sql;
}

/** What the pictures are taken of. */
export interface Told {
  /** Who logs in where the pictures are taken. */
  username: string;
  userId: string;
  /** The chats in the order of the story. */
  chatIds: string[];
  personId: string;
  inviteToken: string;
}

type Cast = Map<string, { id: string; name: string; messenger: Messenger }>;

/** Tells a story from its beginning, on a server of its own. */
export async function tell(stage: Stage, story: Story): Promise<Told> {
  const cast: Cast = new Map();
  for (const person of story.people) cast.set(person.username, await enter(stage, person));
  const chatIds: string[] = [];
  for (const talk of story.talks) chatIds.push(await play(stage, cast, talk));
  const { id: userId, messenger } = cast.get('anna')!;
  const invite = (await messenger.request({
    method: 'POST',
    path: `/api/v1/chats/${chatIds[0]!}/invites`,
    body: { expires_in_seconds: 7 * 86_400 },
  })) as { token: string };
  for (const one of story.blocks) await block(messenger, cast.get(one)!.id);
  await Promise.all([...cast.values()].map((one) => one.messenger.close()));
  return {
    username: 'anna',
    userId,
    chatIds,
    personId: cast.get('clara')!.id,
    inviteToken: invite.token,
  };
}

async function enter({ url }: Stage, { name, username, about, picture }: Person) {
  const body = JSON.stringify({ name, username, password });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api/v1/auth/register`, { method: 'POST', headers, body });
  if (!answer.ok) throw new Error(`${name} could not register: ${await answer.text()}`);
  const messenger = connect({ url, auth: { identifier: username, password }, WebSocket });
  await messenger.ready();
  if (about !== undefined) await messenger.request({ method: 'PATCH', path: '/api/v1/users/me', body: { about } });
  if (picture) await upload(url, username, await paint(picture));
  return { id: messenger.user!.id, name, messenger };
}

const block = (messenger: Messenger, userId: string): Promise<unknown> =>
  messenger.request({ method: 'PUT', path: `/api/v1/users/${userId}/block` });

/** A picture of two colours. */
export const paint = ([a, b]: [string, string]): Promise<Buffer> =>
  sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512">
        <linearGradient id="sky" x2="0" y2="1"><stop stop-color="${a}"/><stop offset="1" stop-color="${b}"/></linearGradient>
        <path fill="url(#sky)" d="M0 0h512v512H0z"/><circle cx="330" cy="170" r="70" fill="#fff" opacity=".8"/>
        <path fill="${b}" opacity=".65" d="M0 400q130-150 256-40t256-60v212H0z"/></svg>`,
    ),
  )
    .png()
    .toBuffer();

async function upload(url: string, identifier: string, picture: Buffer): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ identifier, password });
  const login = await fetch(`${url}/api/v1/auth/token`, { method: 'POST', headers, body });
  const { access_token: token } = (await login.json()) as { access_token: string };
  const form = new FormData();
  form.set('file', new Blob([new Uint8Array(picture)], { type: 'image/png' }), 'picture.png');
  const authorization = `Bearer ${token}`;
  const answer = await fetch(`${url}/api/v1/users/me/avatar`, {
    method: 'PUT',
    headers: { authorization },
    body: form,
  });
  if (!answer.ok) throw new Error(`the picture was refused: ${await answer.text()}`);
}

async function play(stage: Stage, cast: Cast, talk: Talk): Promise<string> {
  const anna = cast.get('anna')!;
  const { id } = await begin(cast, talk);
  const chat = anna.messenger.chat(id);
  for (const [at, line] of talk.lines.entries()) await say(cast, chat.id, line, at + 1);
  await shift(stage, chat.id, talk);
  const read = talk.lines.length - (talk.unread ?? 0);
  const members = talk.group ? talk.group.members : [talk.with!];
  if (read > 0) await anna.messenger.chat(chat.id).markRead(read);
  for (const member of members) await cast.get(member)!.messenger.chat(chat.id).markRead(talk.lines.length);
  const { pinned, muted, archived, blocked, draft } = talk;
  await chat.updateOwn({
    ...(pinned && { pinned }),
    ...(muted && { mutedUntil: 'forever' }),
    ...(archived && { archived }),
  });
  if (draft !== undefined) await chat.setDraft(draft);
  if (blocked) await block(cast.get(talk.with!)!.messenger, anna.id);
  return chat.id;
}

async function begin(cast: Cast, { group, with: other }: Talk): Promise<ChatHandle> {
  const { id: annaId, messenger } = cast.get('anna')!;
  if (!group) return messenger.openDirect(cast.get(other!)!.id);
  const owner = group.owner === undefined ? messenger : cast.get(group.owner)!.messenger;
  const userIds = [...group.members.map((member) => cast.get(member)!.id), annaId].filter(
    (id) => id !== owner.user!.id,
  );
  const chat = await owner.createGroup({ name: group.name, userIds });
  await chat.updateGroup({ description: group.description });
  await chat.setRole(userIds[0]!, 'admin');
  return chat;
}

async function say(cast: Cast, chatId: string, line: Line, seq: number): Promise<void> {
  const { who, text, before, replies, reactions = {}, pinned = false } = line;
  const chat = cast.get(who)!.messenger.chat(chatId);
  const mentions = toMentions(cast, line);
  await chat.send({ text: before ?? text, mentions, ...(replies !== undefined && { replyTo: seq - replies }) }).stored;
  if (before !== undefined) await chat.edit(seq, text);
  if (pinned) await chat.pin(seq);
  for (const [emoji, people] of Object.entries(reactions))
    for (const person of people) await cast.get(person)!.messenger.chat(chatId).react(seq, emoji);
}

const toMentions = (cast: Cast, { text, mentions = [] }: Line): Mention[] =>
  mentions.map((username) => {
    const { id, name } = cast.get(username)!;
    const before = text.slice(0, text.indexOf(`@${name}`));
    return { user_id: id, offset: countCodePoints(before), length: countCodePoints(name) + 1 };
  });

/** As if all of it had been said when the story has it. */
async function shift({ sql }: Stage, chatId: string, { lines, ago }: Talk): Promise<void> {
  let minutes = ago;
  for (const [at, { after = 1 }] of [...lines.entries()].toReversed()) {
    const interval = `${minutes} minutes`;
    await sql`
      update messages set sent_at = now() - ${interval}::interval, created_at = now() - ${interval}::interval,
          edited_at = case when edited_at is null then null else now() - ${interval}::interval + interval '20 seconds' end
        where chat_id = ${chatId} and seq = ${at + 1}`;
    minutes += after;
  }
}
