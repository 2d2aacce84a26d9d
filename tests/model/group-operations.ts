/** What people do with groups. Whoever goes or comes, what they kept for themselves is not known any more. */
import type { Operation } from './operations.ts';
import { canManage, isGroup, pickPlace, type Place, type Scene } from './scene.ts';

/** Groups that one person is in, at most: more are not made. */
const maxChats = 9;

const create = async ({ phone, random, people }: Scene): Promise<unknown> => {
  const others = random.some(
    people.filter(({ id }) => id !== phone.person.id),
    random.between(1, 3),
  );
  const history = random.chance(0.5) ? 'all' : 'since_joined';
  return phone.try(`makes a group of ${others.length + 1}`, undefined, () =>
    phone.client.createGroup({ name: `of ${phone.name}`, userIds: others.map(({ id }) => id), history }),
  );
};

/** What somebody kept for themselves in a chat. */
const forgetOwn = ({ intents }: Scene, chatId: string, userId?: string): void =>
  intents.registers.doubt((key) => {
    const [kind, chat, user] = key.split(' ');
    return kind !== 'reaction' && chat === chatId && (userId === undefined || user === userId);
  });

/** Somebody goes: before and after nobody knows what was kept. */
async function going(scene: Scene, place: Place, userId: string | undefined, what: string, act: () => Promise<void>) {
  forgetOwn(scene, place.chat.id, userId);
  const outcome = await scene.phone.try(what, place.chat.id, act);
  forgetOwn(scene, place.chat.id, userId);
  return outcome;
}

const addMember = (scene: Scene): Promise<unknown> | undefined => {
  const place = pickPlace(scene, canManage(scene));
  const person = scene.random.pick(scene.people);
  if (!place || !person) return undefined;
  return going(scene, place, person.id, `adds ${person.name}`, () => place.chat.addMembers([person.id]));
};

const removeMember = (scene: Scene): Promise<unknown> | undefined => {
  const place = pickPlace(scene, canManage(scene));
  const member = place && scene.random.pick(place.view.members);
  if (!member || member.user_id === scene.phone.person.id) return undefined;
  return going(scene, place, member.user_id, `removes ${member.user_id.slice(-4)}`, () =>
    place.chat.removeMember(member.user_id),
  );
};

const leave = (scene: Scene): Promise<unknown> | undefined => {
  const place = pickPlace(scene, (view) => isGroup(view) && view.id !== scene.lastingChatId);
  return place && going(scene, place, scene.phone.person.id, 'leaves', () => place.chat.leave());
};

const setRole = (scene: Scene): Promise<unknown> | undefined => {
  const place = pickPlace(scene, (view) => isGroup(view) && view.own.role !== 'member');
  const member = place && scene.random.pick(place.view.members);
  const role = scene.random.pick(['admin', 'member', 'owner'] as const)!;
  if (!member) return undefined;
  return scene.phone.try(`makes ${member.user_id.slice(-4)} ${role}`, place.chat.id, () =>
    place.chat.setRole(member.user_id, role),
  );
};

const rename = (scene: Scene): Promise<unknown> | undefined => {
  const { random, phone } = scene;
  const place = pickPlace(scene, (view) => isGroup(view) && view.own.role !== 'member');
  const name = `name ${random.below(1e6)}`;
  const fields = random.pick([{ name }, { description: name }, { name, description: null }])!;
  return place && phone.try('renames it', place.chat.id, () => place.chat.updateGroup(fields));
};

const deleteGroup = (scene: Scene): Promise<unknown> | undefined => {
  const place = pickPlace(scene, (view) => canManage(scene)(view) && view.own.role === 'owner');
  return place && going(scene, place, undefined, 'deletes the group', () => place.chat.deleteGroup());
};

const openDirect = ({ phone, random, people }: Scene): Promise<unknown> | undefined => {
  const person = random.pick(people.filter(({ id }) => id !== phone.person.id));
  return (
    person &&
    phone.try(`opens the direct chat with ${person.name}`, undefined, () => phone.client.openDirect(person.id))
  );
};

export const groupOperations: Operation[] = [
  {
    name: 'create group',
    weight: 0.6,
    act: (scene) => (scene.phone.chats.length < maxChats ? create(scene) : undefined),
  },
  { name: 'add members', weight: 2, act: addMember },
  { name: 'remove member', weight: 0.7, act: removeMember },
  { name: 'leave', weight: 0.3, act: leave },
  { name: 'set role', weight: 1, act: setRole },
  { name: 'update group', weight: 1.5, act: rename },
  { name: 'delete group', weight: 0.2, act: deleteGroup },
  { name: 'open direct', weight: 0.5, act: openDirect },
];
