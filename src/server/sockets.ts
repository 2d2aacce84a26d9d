import type { IncomingMessage } from 'node:http';
import type { Express } from 'express';
import proxyAddress from 'proxy-addr';
import { ProtocolError } from '../protocol/errors.ts';
import { limits } from '../protocol/limits.ts';
import { getSessionState } from './accounts/queries.ts';
import { requireMember } from './chats/policy.ts';
import { createDialects } from './dialects/dialects.ts';
import type { Parts, ServerOptions } from './parts.ts';
import type { Connection } from './realtime/connection.ts';
import { createDispatch, type Commands } from './realtime/dispatch.ts';
import { Gateway } from './realtime/gateway.ts';
import { Gates } from './realtime/gates.ts';
import { createLogins, type Logins } from './realtime/logins.ts';
import { Pace } from './realtime/pace.ts';
import { isAway } from './presence/queries.ts';
import { getOther } from './users/addresses.ts';

type Trust = (address: string, hops: number) => boolean;

/** The way in for sockets: every dialect, over the same commands. */
export function createGateway(
  { config, log }: ServerOptions,
  parts: Parts,
  app: Express,
  isDraining: () => boolean,
): Gateway {
  const { hub, accounts, metrics } = parts;
  const logins = createLogins({
    hub,
    begin: (login) => accounts.logInPlain(login),
    authenticateToken: (token) => accounts.authenticateToken(token),
    end(sessionId) {
      accounts
        .closeSocketSession(sessionId)
        .catch((error: unknown) => log.warn({ err: error }, 'a session could not be ended with its socket'));
    },
    subscribe: (person) => parts.subscriptions.attach(person),
    unsubscribe: (person) => parts.subscriptions.detach(person),
    maxSocketsPerUser: config.rateLimits ? limits.counts.socketsPerUser : Infinity,
  });
  const recorded = recordLogins(parts, logins);
  const frames = new Pace<Connection>(limits.rates.frames, Date.now);
  const sends = new Pace<string>(limits.rates.sends, Date.now);
  const asks = new Gates<string>({ places: limits.rates.asksAtOnce, waitMs: limits.postgres.statementMs });
  const dispatch = createDispatch(toCommands(parts, recorded, config));
  const { entranceOf } = createDialects(parts);
  return new Gateway({
    hub,
    log,
    host: {
      dispatch: (connection, command, reference) => {
        metrics.framesIn.inc({ dialect: connection.dialect.name });
        const carryOut = () => dispatch(connection, command, reference);
        const userId = config.rateLimits && command.kind === 'ask' ? connection.speaker?.userId : undefined;
        return userId === undefined ? carryOut() : asks.run(userId, carryOut);
      },
      lagging: () => metrics.lags.inc(),
      flushLater: (connection) => hub.flushLater(connection),
      pace(connection, isSend) {
        if (!config.rateLimits) return 0;
        const waitMs = frames.take(connection);
        return isSend && connection.speaker ? Math.max(waitMs, sends.take(connection.speaker.userId)) : waitMs;
      },
      closed: (connection, closeCode) => {
        parts.connections.closed(connection, closeCode);
        frames.forget(connection);
        logins.logOut(connection);
        parts.presence.noteSpeaker(connection);
        hub.remove(connection);
      },
      bug: (error) => log.error({ err: error }, 'a frame failed'),
      nowMs: Date.now,
    },
    entranceOf,
    authenticate: (request) => accounts.authenticateUpgrade(request),
    authenticateToken: (token) => accounts.authenticateToken(token),
    prepare: ({ userId }) => logins.prepare(userId),
    logIn: recorded.logInByToken,
    addressOf: (request) => findAddress(request, app.get('trust proxy fn') as Trust) ?? '',
    isDraining,
  });
}

/** Undefined where the client had gone before it was asked for, whatever the package's types say. */
const findAddress = (request: IncomingMessage, trust: Trust): string | undefined => proxyAddress(request, trust);

/** Whoever speaks through a socket after a login is on record from then on; whoever does not any more, no longer. */
function recordLogins({ connections: recorder, presence }: Parts, logins: Logins): Logins {
  const record = (connection: Connection): void => {
    const { speaker, dialect, address: ip, userAgent } = connection;
    if (speaker) recorder.opened(connection, { ...speaker, dialect: dialect.name, ip, userAgent });
    else recorder.closed(connection);
    presence.noteSpeaker(connection);
  };
  return {
    logIn: (connection, login, reference) =>
      logins.logIn(connection, login, reference).finally(() => record(connection)),
    logInByToken: (connection, caller) => logins.logInByToken(connection, caller).finally(() => record(connection)),
    logOut: logins.logOut,
    prepare: logins.prepare,
  };
}

/** What sockets may ask for, carried out by the slices. */
function toCommands(parts: Parts, logins: Logins, config: ServerOptions['config']): Commands {
  const { chats, hub, marks, names, publish, rateLimits, sql, writer } = parts;
  const typing = new Pace<string>(limits.rates.typing, Date.now);
  const typists = new Pace<string>(limits.rates.typingAnywhere, Date.now);
  const mayType = (userId: string, chatId: string): boolean =>
    !config.rateLimits || (typists.tryTake(userId) && typing.tryTake(`${userId} ${chatId}`));
  return {
    logIn: logins.logIn,
    send: (message) => writer.send(message),
    async openDirect({ to, ...actor }) {
      const looked = getOther(sql, actor.userId, to);
      const isKnown = await looked.then(
        (other) => other.chatId !== undefined,
        () => false,
      );
      // Writing to a stranger tells whether an identifier is taken, as a search does.
      if (!isKnown && !('id' in to)) await rateLimits.countSearch(actor.userId);
      const { otherId, chatId } = await looked;
      // Mostly it is there, and then neither of the two is locked for it.
      return { otherId, chatId: chatId ?? (await chats.openDirect({ ...actor, otherId })).chatId };
    },
    isAway: async ({ chatId, otherId }) => !hub.findPerson(otherId) && (await isAway(sql, { chatId, otherId })),
    createGroup: (group) => chats.createGroup(group),
    markMessage: (mark) => marks.markMessage(mark),
    async requireMember(member) {
      await requireMember(sql, member);
    },
    async type({ sessionId, userId, chatId }) {
      if (!mayType(userId, chatId)) return;
      const { blocked } = await requireMember(sql, { sessionId, userId, chatId });
      if (blocked) return;
      if (hub.needsNames) await names.load([userId]);
      publish([{ kind: 'typing', chatId, userId }]);
    },
    async sayInLobby({ sessionId, userId, text }) {
      if ((await getSessionState(sql, { sessionId, userId })) !== 'live') throw new ProtocolError('session_revoked');
      await names.load([userId]);
      publish([{ kind: 'lobby', userId, text, saidAt: new Date().toISOString() }]);
    },
  };
}
