import type { Message, Role } from '../../src/client/index.ts';
import { requireGroup, requireOpen, requireSeq, requireYes, usage, type Commands, type Desk } from './command.ts';
import { Complaint } from './complaint.ts';
import { getPerson, searchPeople } from './find.ts';
import { toWords } from './parse-line.ts';
import { toSafeLine } from './safe-text.ts';
import { showMember } from './show-people.ts';

/** The members of the open chat, all of them read where the store may not know them all. */
async function readMembers(desk: Desk): Promise<{ userId: string; role: Role }[]> {
  const { chat } = requireOpen(desk);
  const known = chat.view?.members ?? [];
  if (!chat.view?.more_members) return known.map(({ user_id, role }) => ({ userId: user_id, role }));
  return (await chat.get()).members.map(({ id, role }) => ({ userId: id, role }));
}

async function showWho(desk: Desk, rest: string): Promise<void> {
  const conversation = requireOpen(desk);
  const { store } = desk.messenger;
  const members = await readMembers(desk);
  await desk.names.learn(members.map(({ userId }) => userId));
  const positions = new Map(store.get(`positions:${conversation.id}`).map((position) => [position.user_id, position]));
  if (rest !== '') return showReaders(desk, await conversation.get(requireSeq(desk, 'who', rest)), members, positions);
  for (const { userId, role } of members) {
    const presence = store.get(`presence:${userId}`);
    desk.print(showMember({ userId, role, position: positions.get(userId), presence }, desk.names, desk.look));
  }
}

type Positions = ReadonlyMap<string, { delivered_seq: number; read_seq: number }>;

function showReaders(
  desk: Desk,
  { seq, sender_id: senderId }: Message,
  members: { userId: string }[],
  positions: Positions,
): void {
  const { t } = desk.look;
  const others = members.map(({ userId }) => userId).filter((id) => id !== senderId);
  const read = others.filter((id) => (positions.get(id)?.read_seq ?? 0) >= seq);
  const delivered = others.filter((id) => !read.includes(id) && (positions.get(id)?.delivered_seq ?? 0) >= seq);
  const rest = others.filter((id) => !read.includes(id) && !delivered.includes(id));
  const say = (text: (names: string) => string, ids: string[]): string[] =>
    ids.length === 0 ? [] : [text(ids.map((id) => desk.names.nameOf(id)).join(', '))];
  desk.print(...say(t.readBy, read), ...say(t.deliveredTo, delivered), ...say(t.notYet, rest));
}

async function getPeople(desk: Desk, words: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const word of words) ids.push(await getPerson(word, desk));
  return ids;
}

async function getMember(desk: Desk, word: string): Promise<string> {
  const members = await readMembers(desk);
  await desk.names.learn(members.map(({ userId }) => userId));
  return getPerson(word, { ...toPlace(desk), among: members.map(({ userId }) => userId) });
}

const toPlace = ({ messenger, names, look, found }: Desk) => ({ messenger, names, look, found });

const isRole = (text: string): text is Role => text === 'owner' || text === 'admin' || text === 'member';

async function setRole(desk: Desk, rest: string): Promise<void> {
  const { conversation } = requireGroup(desk);
  const [person, role = '', ...more] = toWords(rest);
  if (person === undefined || more.length > 0) throw usage(desk, 'role');
  if (!isRole(role)) throw new Complaint(desk.look.t.noRole(role));
  await conversation.chat.setRole(await getMember(desk, person), role);
}

async function search(desk: Desk, rest: string): Promise<void> {
  if (rest === '') throw usage(desk, 'search');
  const people = await searchPeople(desk.messenger, rest);
  desk.found = people.map(({ id }) => id);
  if (people.length === 0) return desk.print(desk.look.t.nobodyFound);
  const lines = people.map(({ name, username }, i) => {
    const called = username === null ? '' : `  @${toSafeLine(username)}`;
    return `${String(i + 1).padStart(3)}. ${toSafeLine(name, 60)}${called}`;
  });
  desk.print(...lines);
}

async function createGroup(desk: Desk, rest: string): Promise<void> {
  const [name, ...people] = toWords(rest);
  if (name === undefined) throw usage(desk, 'group');
  const { id } = await desk.messenger.createGroup({ name, userIds: await getPeople(desk, people) });
  await desk.openChat(id);
}

async function describe(desk: Desk, rest: string): Promise<void> {
  await requireGroup(desk).conversation.chat.updateGroup({ description: rest === '' ? null : rest });
}

/** People, and the group that is open. */
export const peopleCommands: Commands<
  'who' | 'group' | 'add' | 'remove' | 'leave' | 'rename' | 'describe' | 'role' | 'disband' | 'search'
> = {
  who: { aliases: ['w'], run: showWho },
  group: { opens: true, run: createGroup },
  add: {
    async run(desk, rest) {
      const { conversation } = requireGroup(desk);
      if (rest === '') throw usage(desk, 'add');
      await conversation.chat.addMembers(await getPeople(desk, toWords(rest)));
    },
  },
  remove: {
    async run(desk, rest) {
      const { conversation } = requireGroup(desk);
      const [person] = toWords(rest);
      if (person === undefined) throw usage(desk, 'remove');
      await conversation.chat.removeMember(await getMember(desk, rest.startsWith('"') ? person : rest));
    },
  },
  leave: {
    async run(desk, rest) {
      const { conversation } = requireGroup(desk);
      requireYes(desk, 'leave', rest);
      await conversation.chat.leave();
    },
  },
  rename: {
    async run(desk, rest) {
      const { conversation } = requireGroup(desk);
      if (rest === '') throw usage(desk, 'rename');
      await conversation.chat.updateGroup({ name: rest });
    },
  },
  describe: { run: describe },
  role: { run: setRole },
  disband: {
    async run(desk, rest) {
      const { conversation } = requireGroup(desk);
      requireYes(desk, 'disband', rest);
      await conversation.chat.deleteGroup();
    },
  },
  search: { aliases: ['s', 'people'], run: search },
};
