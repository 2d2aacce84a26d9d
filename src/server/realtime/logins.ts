import { limits } from '../../protocol/limits.ts';
import type { Connection, Speaker } from './connection.ts';
import type { Login, Reference } from './dialect.ts';
import { Gate } from './gate.ts';
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
  /** Whom a token speaks for; throws `not_authenticated` and `session_revoked`. */
  authenticateToken(token: string): Promise<Omit<Speaker, 'ownSession'>>;
  /** Ends a socket's own session. */
  end(sessionId: string): void;
  /** Lets a person hear of their chats; resolves when nothing of them is missed any more. */
  subscribe(person: Person): Promise<void>;
  unsubscribe(person: Person): void;
  maxSocketsPerUser: number;
}

/** From a socket to a person's socket and back. */
export interface Logins {
  /** By what a frame says; `reference`: what the greeting repeats of it. */
  logIn(connection: Connection, login: Login, reference: Reference): Promise<void>;
  logInByToken(connection: Connection, caller: Omit<Speaker, 'ownSession'>): Promise<void>;
  logOut(connection: Connection): void;
  /**
   * Lets a person hear of their chats before their socket is there, so that whoever is told that it is open misses nothing
   * from then on. Answers what takes that back.
   */
  prepare(userId: string): Promise<() => void>;
}

export function createLogins(options: LoginsOptions): Logins {
  const { hub, begin, authenticateToken, end, subscribe, unsubscribe, maxSocketsPerUser } = options;
  const gate = new Gate({ places: limits.logins.atOnce, waitMs: limits.logins.waitMs });
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
  const attach = async (connection: Connection, speaker: Speaker, reference: Reference): Promise<void> => {
    const person = hub.enter(speaker.userId);
    try {
      await subscribe(person);
      const greeting = await connection.talk.readGreeting?.(speaker);
      logOut(connection);
      if (connection.isLeaving) return;
      hub.attach(connection, speaker, person, { maxPerUser: maxSocketsPerUser });
      connection.say({ kind: 'logged_in', userId: speaker.userId, greeting }, reference);
    } finally {
      leave(person);
      if (connection.speaker !== speaker && speaker.ownSession) end(speaker.sessionId);
    }
  };

  const beginOn = async (
    { address: ip, userAgent }: Connection,
    login: { identifier: string; password: string },
  ): Promise<Speaker> => {
    const { userId, sessionId } = await begin({ ...login, ip, userAgent });
    return { userId, sessionId, ownSession: true };
  };

  const logInBy = async (token: string, connection: Connection, reference: Reference): Promise<void> => {
    // Who has waited may have gone.
    if (connection.isLeaving) return;
    const { userId, sessionId } = await authenticateToken(token);
    await attach(connection, { userId, sessionId, ownSession: false }, reference);
  };

  return {
    async logIn(connection, login, reference) {
      const done = hub.expectLogin(connection);
      try {
        // The threads that hash pace those with a password.
        if ('token' in login) await gate.run(() => logInBy(login.token, connection, reference));
        else await attach(connection, await beginOn(connection, login), reference);
      } finally {
        done();
      }
    },
    logInByToken: (connection, { userId, sessionId }) =>
      attach(connection, { userId, sessionId, ownSession: false }, {}),
    logOut,
    async prepare(userId) {
      const person = hub.enter(userId);
      try {
        await gate.run(() => subscribe(person));
      } catch (error) {
        leave(person);
        throw error;
      }
      return () => leave(person);
    },
  };
}
