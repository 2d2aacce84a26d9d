import type { Connection, Speaker } from './connection.ts';
import type { Hub, Person } from './hub.ts';

export interface LoginsOptions {
  hub: Hub;
  /** Checks a password; the session it makes lives and dies with the socket. */
  begin(login: {
    identifier: string;
    password: string;
    ip: string;
    userAgent: string | undefined;
  }): Promise<{ userId: string; sessionId: string }>;
  /** Ends a socket's own session. */
  end(sessionId: string): void;
  /** Lets a person hear of their chats; resolves when nothing of them is missed any more. */
  subscribe(person: Person): Promise<void>;
  unsubscribe(person: Person): void;
  maxSocketsPerUser: number;
}

/** From a socket to a person's socket and back. */
export interface Logins {
  logInPlain(connection: Connection, login: { identifier: string; password: string }): Promise<void>;
  logInByToken(connection: Connection, caller: Omit<Speaker, 'ownSession'>): Promise<void>;
  logOut(connection: Connection): void;
  /**
   * Lets a person hear of their chats before their socket is there, so that whoever is told that it is open misses nothing
   * from then on. Answers what takes that back.
   */
  prepare(userId: string): Promise<() => void>;
}

export function createLogins({ hub, begin, end, subscribe, unsubscribe, maxSocketsPerUser }: LoginsOptions): Logins {
  const logOut = (connection: Connection): void => {
    const { speaker } = connection;
    if (!speaker) return;
    const gone = hub.detach(connection);
    if (gone) unsubscribe(gone);
    if (speaker.ownSession) end(speaker.sessionId);
  };

  const leave = (person: Person): void => {
    if (hub.leave(person)) unsubscribe(person);
  };

  /** The person hears of the chats before the socket is theirs, so that what is said first is that the login succeeded. */
  const attach = async (connection: Connection, speaker: Speaker): Promise<void> => {
    const person = hub.enter(speaker.userId);
    try {
      await subscribe(person);
      logOut(connection);
      if (connection.isLeaving) return;
      hub.attach(connection, speaker, person, { maxPerUser: maxSocketsPerUser });
      connection.say({ kind: 'logged_in', userId: speaker.userId });
    } finally {
      leave(person);
      if (connection.speaker !== speaker && speaker.ownSession) end(speaker.sessionId);
    }
  };

  return {
    async logInPlain(connection, login) {
      const { address: ip, userAgent } = connection;
      const session = await begin({ ...login, ip, userAgent });
      await attach(connection, { ...session, ownSession: true });
    },
    logInByToken: (connection, { userId, sessionId }) => attach(connection, { userId, sessionId, ownSession: false }),
    logOut,
    async prepare(userId) {
      const person = hub.enter(userId);
      try {
        await subscribe(person);
      } catch (error) {
        leave(person);
        throw error;
      }
      return () => leave(person);
    },
  };
}
