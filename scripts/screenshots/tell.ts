/** Makes a story happen on a server: people register and talk through the SDK, and then it was a while ago. */
import { setTimeout as sleep } from 'node:timers/promises';
import type postgres from 'postgres';
import type { ChatHandle, Mention } from '../../src/client/index.ts';
import { countCodePoints } from '../../src/protocol/text.ts';
import { devices, enter, logIn, upload, type Member } from './people.ts';
import type { Group, Line, Story, Talk } from './story.ts';

/** Where the story happens. */
export interface Stage {
  url: string;
  sql: postgres.Sql;
}

/** What the pictures are taken of. */
export interface Told extends AsyncDisposable {
  /** Who logs in where the pictures are taken. */
  username: string;
  userId: string;
  /** The chats in the order of the story. */
  chatIds: string[];
  personId: string;
  inviteToken: string;
  typed: Story['typed'];
  /** Somebody begins to type in the first chat. */
  type: () => void;
}

type Cast = ReadonlyMap<string, Member>;

/** Tells a story from its beginning, on a server of its own. Who is there at its end stays until it is disposed. */
export async function tell(stage: Stage, story: Story): Promise<Told> {
  const cast = new Map<string, Member>();
  for (const person of story.people) cast.set(person.username, await enter(stage.url, person));
  const chatIds: string[] = [];
  for (const talk of story.talks) chatIds.push(await play(stage, cast, talk));
  const { id: userId, messenger } = cast.get('anna')!;
  await invite(cast.get('anna')!, chatIds[0]!);
  const invitation = await found(stage, cast, story.invitation);
  const inviteToken = await invite(cast.get(story.invitation.members[0]!)!, invitation.id);
  for (const one of story.blocks) await block(messenger, cast.get(one)!.id);
  await leave(stage, cast, story);
  await rememberDevices(stage, userId);
  const [typist, personId] = [cast.get('emma')!.messenger, cast.get('clara')!.id];
  return {
    username: 'anna',
    userId,
    chatIds,
    personId,
    inviteToken,
    typed: story.typed,
    type: () => typist.chat(chatIds[0]!).typing(),
    [Symbol.asyncDispose]: () => close([...cast.values()]),
  };
}

const close = async (people: readonly Member[]): Promise<void> =>
  void (await Promise.all(people.map(({ messenger }) => messenger.close())));

/** Into a group: the token of the link. */
async function invite({ messenger }: Member, chatId: string): Promise<string> {
  const path = `/api/v1/chats/${chatId}/invites`;
  const body = { expires_in_seconds: 7 * 86_400 };
  return ((await messenger.request({ method: 'POST', path, body })) as { token: string }).token;
}

const block = (messenger: Member['messenger'], userId: string): Promise<unknown> =>
  messenger.request({ method: 'PUT', path: `/api/v1/users/${userId}/block` });

async function play(stage: Stage, cast: Cast, talk: Talk): Promise<string> {
  const anna = cast.get('anna')!;
  const { id } = talk.group
    ? await found(stage, cast, talk.group)
    : await anna.messenger.openDirect(cast.get(talk.with!)!.id);
  const chat = anna.messenger.chat(id);
  for (const [at, line] of talk.lines.entries()) await say(cast, id, line, at + 1);
  await shift(stage, id, talk);
  const read = talk.lines.length - (talk.unread ?? 0);
  if (read > 0) await chat.markRead(read);
  for (const member of talk.group ? talk.group.members : [talk.with!])
    if (member !== 'anna') await cast.get(member)!.messenger.chat(id).markRead(talk.lines.length);
  const { pinned, muted, archived, blocked, draft } = talk;
  await chat.updateOwn({
    ...(pinned && { pinned }),
    ...(muted && { mutedUntil: 'forever' }),
    ...(archived && { archived }),
  });
  if (draft !== undefined) await chat.setDraft(draft);
  if (blocked) await block(cast.get(talk.with!)!.messenger, anna.id);
  return id;
}

async function found({ url }: Stage, cast: Cast, { name, description, picture, members }: Group): Promise<ChatHandle> {
  const [owner, ...others] = members.map((member) => cast.get(member)!);
  const chat = await owner!.messenger.createGroup({ name, userIds: others.map(({ id }) => id) });
  await chat.updateGroup({ description });
  await chat.setRole(others[0]!.id, 'admin');
  if (picture) await upload(`${url}/api/v1/chats/${chat.id}/avatar`, owner!.token, picture);
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
    await sql`
      update message_edits set written_at = now() - ${interval}::interval where chat_id = ${chatId} and seq = ${at + 1}`;
    minutes += after;
  }
  await sql`
    update message_edits e set written_at = m.sent_at from messages m
      where e.chat_id = ${chatId} and m.chat_id = e.chat_id and m.seq = e.seq`;
}

/** The one in the pictures goes, to come back in a browser, and so do those who were there a while ago. */
async function leave({ sql }: Stage, cast: Cast, { people }: Story): Promise<void> {
  const gone = people.filter(({ username, seen }) => username === 'anna' || seen !== undefined);
  const members = gone.map(({ username }) => cast.get(username)!);
  await close(members);
  const ids = members.map(({ id }) => id);
  // The server writes down when somebody went a moment after they did.
  for (;;) {
    const open = await sql`select from connections where user_id = any(${ids}) and disconnected_at is null limit 1`;
    if (open.length === 0) break;
    await sleep(100);
  }
  for (const [at, { seen = 0 }] of gone.entries())
    await sql`update users set last_seen_at = now() - ${`${seen} minutes`}::interval where id = ${ids[at]!}`;
}

async function rememberDevices({ url, sql }: Stage, userId: string): Promise<void> {
  for (const device of devices.slice(1)) await logIn(url, 'anna', device);
  for (const { userAgent, usedHoursAgo, sinceDays } of devices)
    await sql`
      update sessions set created_at = now() - ${`${sinceDays} days 3 hours`}::interval,
          last_used_at = now() - ${`${usedHoursAgo} hours`}::interval
        where user_id = ${userId} and user_agent = ${userAgent}`;
}
