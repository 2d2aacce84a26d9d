/**
 * Own states that are pushed while answers with own states are on their way. Such an answer may have been read before what
 * was pushed, and may be taken in after it: because it was long on its way, or because its promise is carried out only when
 * everything that came with it was heard. By their numbers both may look the same, for what a person keeps for themselves has
 * no version. So the answer is given what was pushed since it was asked for; where that was the older one, the server pushes
 * what is newer as well.
 */
import type { Chat } from '../protocol/chats.ts';
import type { FullClientType, OwnState } from '../protocol/full.ts';
import type { AnswerTo } from './wire.ts';

type Kept = Pick<
  OwnState,
  'version' | 'last_seq' | 'delivered_seq' | 'muted_until' | 'archived' | 'pinned' | 'draft' | 'marked_unread'
>;

/** The pushed states of one socket. */
export class OwnPushes {
  /** By chat, with their numbers in the order of arrival; kept while an answer is on its way. */
  readonly #pushed = new Map<string, { own: OwnState; number: number }>();
  #count = 0;
  #asked = 0;

  take(own: OwnState): void {
    this.#count++;
    if (this.#asked > 0) this.#pushed.set(own.chat_id, { own, number: this.#count });
  }

  /** The answer of a frame that is being asked now, with what was pushed meanwhile. */
  complete<T extends FullClientType>(type: T, answer: Promise<AnswerTo<T>>): Promise<AnswerTo<T>> {
    const complete = (completers as Partial<Record<FullClientType, Complete<T>>>)[type];
    return complete ? this.#complete(complete, answer) : answer;
  }

  async #complete<T extends FullClientType>(complete: Complete<T>, answer: Promise<AnswerTo<T>>): Promise<AnswerTo<T>> {
    const since = this.#count;
    this.#asked++;
    try {
      return complete(await answer, (chatId, state) => this.#update(chatId, state, since));
    } finally {
      if (--this.#asked === 0) this.#pushed.clear();
    }
  }

  #update<S extends Kept>(chatId: string, state: S, since: number): S {
    const pushed = this.#pushed.get(chatId);
    if (pushed === undefined || pushed.number <= since || isNewer(state, pushed.own)) return state;
    const { muted_until, archived, pinned, draft, marked_unread } = pushed.own;
    return { ...state, muted_until, archived, pinned, draft, marked_unread };
  }
}

/** Whether `state` is for sure the newer one. Its `read_seq` says nothing: that of a row goes on over own messages. */
const isNewer = (state: Kept, than: Kept): boolean =>
  state.version > than.version || state.last_seq > than.last_seq || state.delivered_seq > than.delivered_seq;

type Update = <S extends Kept>(chatId: string, state: S) => S;
type Complete<T extends FullClientType> = (answer: AnswerTo<T>, update: Update) => AnswerTo<T>;

/** What holds own states, and where. */
const completers: { [T in 'sync' | 'resume' | 'list_chats' | 'get_chat']: Complete<T> } = {
  sync: (page, update) => ({ ...page, own: update(page.chat_id, page.own) }),
  resume: (changed, update) => ({ ...changed, chats: changed.chats.map((own) => update(own.chat_id, own)) }),
  list_chats: (page, update) => ({ ...page, rows: page.rows.map((row: Chat) => update(row.id, row)) }),
  get_chat: (answer, update) => ({ ...answer, chat: update(answer.chat.id, answer.chat) }),
};
