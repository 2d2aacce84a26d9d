/**
 * What happens around the chat that is open: the connection, messages in other chats, who types, who comes and goes, chats that
 * come and go. Calm: an outage is told once when it begins and once when it ends, however often it is tried in between.
 */
import type { Message, MessengerEvents, Presence } from '../../src/client/index.ts';
import type { Desk } from './command.ts';
import { toSafeLine, toShownFrame } from './safe-text.ts';
import { isMuted } from './show-chats.ts';
import { showPresence } from './show-people.ts';

const maxNoticeLength = 80;
const maxTypers = 3;

export class Surroundings {
  readonly #desk: Desk;
  #isTold = false;
  #unwatch: () => void = () => undefined;
  #typers: readonly string[] = [];
  #wasOnline: boolean | undefined;
  readonly #titles = new Map<string, string>();

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Shows what the messenger tells; the returned function ends it. */
  listen(): () => void {
    const { messenger } = this.#desk;
    const open = (chatId: string) => {
      const { conversation } = this.#desk;
      return conversation?.id === chatId ? conversation : undefined;
    };
    const endings = [
      messenger.on('state', (event) => this.#onState(event)),
      messenger.on('message', ({ message }) => {
        const conversation = open(message.chat_id);
        if (conversation) conversation.onMessage(message);
        else void this.#notice(message);
      }),
      messenger.on('message_changed', ({ message }) => open(message.chat_id)?.onMessageChanged(message)),
      messenger.on('change', ({ change }) => open(change.chat_id)?.onChange(change)),
      messenger.on('positions', ({ chatId }) => open(chatId)?.onPositions()),
      messenger.on('sent', ({ ack }) => open(ack.chat_id)?.onSent(ack)),
      messenger.on('failed', ({ pending, error }) => this.#onFailed(pending, error)),
      messenger.on('chat_added', ({ chatId }) => void this.#onChatAdded(chatId)),
      messenger.on('chat_removed', ({ chatId }) => this.#onChatRemoved(chatId)),
      messenger.on('presence', () => this.onPresence()),
      messenger.on('frame', (frame) => this.#onFrame(frame)),
    ];
    return () => {
      this.onOpened();
      for (const end of endings) end();
    };
  }

  #onState({ state }: MessengerEvents['state']): void {
    const { look } = this.#desk;
    if (state === 'offline' && !this.#isTold) {
      this.#isTold = true;
      this.#desk.print(look.paint.yellow(look.t.offline));
    } else if (state === 'online' && this.#isTold) {
      this.#isTold = false;
      this.#desk.print(look.paint.green(look.t.onlineAgain));
    }
    this.refreshPrompt();
  }

  /** Title, connection and who types, where the typed line begins. */
  refreshPrompt(): void {
    const { look, messenger, conversation, names } = this.#desk;
    const { state } = messenger;
    const connection = state === 'offline' ? look.t.promptOffline : state === 'online' ? '' : look.t.promptConnecting;
    const typing = this.#typers.length === 0 ? '' : this.#sayTyping();
    const title = conversation?.title ?? names.ownName;
    const parts = [
      connection === '' ? '' : look.paint.yellow(`(${connection}) `),
      title,
      typing && ` (${typing})`,
      '> ',
    ];
    this.#desk.screen.setPrompt(parts.join(''));
  }

  #sayTyping(): string {
    const { look, names } = this.#desk;
    const shown = this.#typers.slice(0, maxTypers).map((id) => names.nameOf(id));
    return look.t.typing(shown.join(', '), this.#typers.length);
  }

  /** The open chat is another one: who types and who is there is looked at anew. */
  onOpened(): void {
    this.#unwatch();
    this.#typers = [];
    this.#wasOnline = undefined;
    const { conversation, messenger } = this.#desk;
    if (!conversation) {
      this.#unwatch = () => undefined;
      return this.refreshPrompt();
    }
    this.#titles.set(conversation.id, conversation.title);
    this.#unwatch = messenger.store.subscribe(`typing:${conversation.id}`, () =>
      this.#onTypers(messenger.store.get(`typing:${conversation.id}`)),
    );
    // Its header has told who is there.
    this.#wasOnline = this.#findPresence()?.online;
    this.refreshPrompt();
  }

  /** Of the other one in the direct chat that is open. */
  #findPresence(): Presence | undefined {
    const { conversation, names, messenger } = this.#desk;
    const view = conversation?.isLive ? conversation.chat.view : undefined;
    const other = view && names.findOther(view);
    return other === undefined ? undefined : messenger.store.get(`presence:${other}`);
  }

  #onTypers(typers: readonly string[]): void {
    const isNew = typers.some((id) => !this.#typers.includes(id));
    this.#typers = typers;
    const { screen, look } = this.#desk;
    if (screen.isTerminal) this.refreshPrompt();
    else if (isNew) screen.print(look.paint.dim(`… ${this.#sayTyping()}`));
  }

  /** In a direct chat it is told when the other one comes or goes. */
  onPresence(): void {
    const { names, look, print } = this.#shown;
    const presence = this.#findPresence();
    if (presence === undefined || presence.online === this.#wasOnline) return;
    this.#wasOnline = presence.online;
    print(look.paint.dim(`* ${names.nameOf(presence.user_id)}: `) + showPresence(presence, look));
  }

  get #shown() {
    const { conversation, names, messenger, look } = this.#desk;
    return { conversation, names, messenger, look, print: (line: string) => this.#desk.print(line) };
  }

  /** A message of a chat that is not open, where its notices are on or it speaks of oneself. */
  async #notice(message: Message): Promise<void> {
    const { names, messenger, look, print } = this.#shown;
    if (message.sender_id === names.ownId) return;
    await names.learn([message.sender_id]);
    const view = messenger.store.get(`chat:${message.chat_id}`);
    const isMeant = message.mentions?.some(({ user_id }) => user_id === names.ownId) ?? false;
    if (view === undefined || (isMuted(view, look.now()) && !isMeant)) return;
    const title = names.titleOf(view);
    const sender = view.type === 'group' ? `${names.nameOf(message.sender_id)}: ` : '';
    const number = this.#desk.listed.indexOf(view.id) + 1;
    const head = look.paint.cyan(`[${number > 0 ? `${number} ` : ''}${title}]`);
    print(`${head} ${sender}${toSafeLine(message.text, maxNoticeLength)}${isMeant ? ' @' : ''}`);
  }

  #onFailed(pending: MessengerEvents['failed']['pending'], error: MessengerEvents['failed']['error']): void {
    const { conversation, look, print } = this.#shown;
    const reason = look.t.errors[error.code];
    if (conversation?.id === pending.chat_id) conversation.onFailed(pending, reason);
    else print(look.paint.red(`${look.marks.failed} ${look.t.notSent(toSafeLine(pending.text, 30), reason)}`));
  }

  /** A direct chat is told of by its first message. */
  async #onChatAdded(chatId: string): Promise<void> {
    const { names, messenger, look, print } = this.#shown;
    const view = messenger.store.get(`chat:${chatId}`);
    if (view?.type !== 'group' || messenger.state !== 'online' || view.creator_id === names.ownId) return;
    await names.learn(view.members.slice(0, 2).map(({ user_id }) => user_id));
    print(look.paint.dim(`* ${look.t.addedTo(names.titleOf(view))}`));
  }

  #onChatRemoved(chatId: string): void {
    const { conversation, look, print } = this.#shown;
    const title = this.#titles.get(chatId);
    if (title !== undefined) print(look.paint.dim(`* ${look.t.removedFrom(title)}`));
    if (conversation?.id === chatId) this.#desk.closeChat();
  }

  #onFrame({ direction, text }: MessengerEvents['frame']): void {
    const { look, print } = this.#shown;
    if (this.#desk.showsFrames) print(look.paint.dim(`${look.marks[direction]} ${toShownFrame(text)}`));
  }
}
