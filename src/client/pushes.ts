/** What each frame that nobody asked for does. */
import type { FullChangeType, fullPushFrames, FullServerFrame } from '../protocol/full.ts';
import type { CatchUp } from './catch-up.ts';
import type { Emitter } from './emitter.ts';
import type { Change } from './feeds.ts';
import type { Store } from './store.ts';
import type { MessengerEvents } from './types.ts';
import type { IncomingFrame } from './wire.ts';

interface Parts {
  store: Store;
  emitter: Emitter<MessengerEvents>;
  catchUp: CatchUp;
}

type PushType = keyof typeof fullPushFrames;
type Take<T extends PushType> = (parts: Parts, frame: FullServerFrame<T>) => void;

const takers: { [T in PushType]: Take<T> } = {
  positions({ store, emitter }, { chat_id: chatId, rows }) {
    store.putPositions(chatId, rows);
    emitter.emit('positions', { chatId, rows });
  },
  own({ catchUp, emitter }, { own }) {
    catchUp.own(own);
    emitter.emit('own', { own });
  },
  seen: ({ store }, { chat_id: chatId, seq }) => store.setSeen(chatId, seq),
  typing({ store, emitter }, { chat_id: chatId, user_id: userId }) {
    store.setTyping(chatId, userId);
    emitter.emit('typing', { chatId, userId });
  },
  presence({ store, emitter }, { rows }) {
    store.putPresence(rows);
    emitter.emit('presence', { rows });
  },
  lag: ({ catchUp }, { chats }) => catchUp.lag(chats),
  // The socket itself keeps when to come back.
  closing: () => undefined,
};

const changeTypes: Record<FullChangeType | 'unknown_change', true> = {
  message: true,
  message_changed: true,
  unseen_changed: true,
  direct_opened: true,
  group_created: true,
  members_added: true,
  member_removed: true,
  role_changed: true,
  group_changed: true,
  chat_deleted: true,
  unknown_change: true,
};

const isChange = (frame: IncomingFrame): frame is Change => Object.hasOwn(changeTypes, frame.type);

/** Carries out a frame that nobody asked for; what is no such frame says nothing. */
export function pushes(parts: Parts, frame: IncomingFrame): void {
  if (isChange(frame)) parts.catchUp.live(frame);
  else if (Object.hasOwn(takers, frame.type)) (takers[frame.type as PushType] as Take<PushType>)(parts, frame as never);
}
