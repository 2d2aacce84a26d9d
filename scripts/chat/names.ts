import type { ChatView, Messenger, Person } from '../../src/client/index.ts';
import { toSafeLine } from './safe-text.ts';
import type { Look } from './look.ts';

const maxNameLength = 40;

/** What people and chats are called, as it may be shown. */
export class Names {
  readonly #messenger: Messenger;
  readonly #t: Look['t'];

  constructor(messenger: Messenger, look: Pick<Look, 't'>) {
    this.#messenger = messenger;
    this.#t = look.t;
  }

  get ownId(): string | undefined {
    return this.#messenger.user?.id;
  }

  findPerson(userId: string): Person | undefined {
    return userId === this.ownId ? this.#messenger.user : this.#messenger.store.get(`person:${userId}`);
  }

  /** What others call oneself. */
  get ownName(): string {
    const { user } = this.#messenger;
    return user === undefined ? '' : toSafeLine(user.name, maxNameLength);
  }

  /** “You” for oneself. */
  nameOf(userId: string): string {
    if (userId === this.ownId) return this.#t.you;
    const person = this.findPerson(userId);
    if (person === undefined) return this.#t.somebody(userId.slice(0, 8));
    return person.deleted ? this.#t.deletedAccount : toSafeLine(person.name, maxNameLength);
  }

  /** With the username, which tells apart people of one name. */
  fullNameOf(userId: string): string {
    const username = this.findPerson(userId)?.username;
    return username ? `${this.nameOf(userId)} (@${toSafeLine(username, maxNameLength)})` : this.nameOf(userId);
  }

  /** The other one of a direct chat. */
  findOther(chat: Pick<ChatView, 'type' | 'members'>): string | undefined {
    return chat.type === 'group' ? undefined : chat.members.find(({ user_id }) => user_id !== this.ownId)?.user_id;
  }

  titleOf(chat: Pick<ChatView, 'id' | 'type' | 'name' | 'members'>): string {
    const other = this.findOther(chat);
    if (other !== undefined) return this.nameOf(other);
    return chat.name === null ? this.#t.somebody(chat.id.slice(0, 8)) : toSafeLine(chat.name, maxNameLength);
  }

  /** What has to be waited for until all of them have names; undefined when they have. Never rejects. */
  learn(userIds: Iterable<string>): Promise<void> | undefined {
    const unknown = [...new Set(userIds)].filter((id) => this.findPerson(id) === undefined).slice(0, 200);
    if (unknown.length === 0) return undefined;
    return this.#messenger.getUsers(unknown).then(
      () => undefined,
      () => undefined,
    );
  }
}
