import { setTimeout as sleep } from 'node:timers/promises';
import type { Warn } from './housekeeping.ts';
import { findSeen } from './messages/marks.ts';
import type { Parts } from './parts.ts';
import type { BusListener } from './realtime/bus.ts';
import type { LiveEvent } from './realtime/events.ts';

/** What this node does about hints of others, and what it looks for when a hint may have been lost. */
export function listenToOthers(parts: Parts, { warn, isClosed }: { warn: Warn; isClosed: () => boolean }): BusListener {
  const { accounts, comparison, hub, names, ownStates, pages, presence, subscriptions, sql, waits } = parts;
  const endSessions = (sessionIds: string[]): void => {
    accounts.dropSessions(sessionIds);
    hub.endSessions(sessionIds);
  };
  const tellSeen = async (seen: [messageId: string, senderId: string][]): Promise<void> => {
    const here = seen.filter(([, senderId]) => hub.findPerson(senderId));
    const tells = new Map(here.map(([id, senderId]) => [id, subscriptions.aimAtSender(senderId)]));
    if (tells.size === 0) return;
    for (const event of await findSeen(sql, [...tells.keys()])) tells.get(event.message.id)?.(event);
  };
  const tellLive = createTelling(parts, warn('what happens on another node could not be told'));
  /** Until it succeeds: whose session ended while nothing was heard must not go on hearing. */
  const compareSessions = async (): Promise<void> => {
    for (;;) {
      try {
        endSessions(await accounts.listEnded(hub.sessionIds));
        return;
      } catch (error) {
        warn('sessions could not be compared; trying again')(error);
        await sleep(1_000, undefined, { ref: false });
        if (isClosed()) return;
      }
    }
  };
  let isFailing = false;
  /** Every second, so a failure is said once: a database may be away all night. */
  const listEnded = async (): Promise<void> => {
    try {
      endSessions(await accounts.listEndedLately());
      isFailing = false;
    } catch (error) {
      if (!isFailing) warn('ended sessions could not be listed')(error);
      isFailing = true;
    }
  };
  return {
    onHint({ chats = [], users = [], loaded = [], sessions = [], seen = [], renamed = [], live = [] }) {
      endSessions(sessions);
      names.drop(renamed);
      for (const [chatId, version] of chats) {
        pages.drop(chatId);
        waits.wake(chatId);
        subscriptions.hear(chatId, version);
      }
      subscriptions.hearOfPeople(users);
      subscriptions.hearOfLoaded(loaded);
      presence.hearOfMembers(users);
      ownStates.take(live);
      presence.take(live);
      tellSeen(seen).catch(warn('messages seen by all could not be read'));
      const told = live.filter(({ kind }) => kind !== 'own_changed' && kind !== 'presence');
      if (told.length > 0) tellLive(told);
    },
    onGap(hasOthers) {
      pages.clear();
      names.clear();
      presence.hearOfGap();
      // Positions and own states have no version to compare.
      if (hasOthers) for (const connection of hub.connections) connection.tellOfGap();
      void comparison.compareAll();
      void compareSessions();
    },
    onTick() {
      void comparison.compareSome();
      void listEnded();
    },
  };
}

/** Tells what happens on other nodes, one after the other: a name that has to be read must not let what came later go first. */
function createTelling(
  { hub, names, subscriptions }: Pick<Parts, 'hub' | 'names' | 'subscriptions'>,
  failed: (error: unknown) => void,
): (events: LiveEvent[]) => void {
  const tell = async (events: LiveEvent[], earlier: Promise<void>): Promise<void> => {
    await earlier;
    try {
      if (hub.needsNames) await names.load(events.flatMap((event) => ('userId' in event ? [event.userId] : [])));
      subscriptions.publish(events);
    } catch (error) {
      failed(error);
    }
  };
  let telling: Promise<void> = Promise.resolve();
  return (events) => {
    telling = tell(events, telling);
  };
}
