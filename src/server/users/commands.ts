/**
 * Commands about people: each is one call of an SQL function. A call whose connection broke may have been carried out and
 * is made again; the functions answer the second time what they did the first.
 */
import { z } from 'zod';
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { OwnProfile, Report } from '../../protocol/users.ts';
import { toTaken, type Actor } from '../accounts/policy.ts';
import type { Config } from '../config.ts';
import type { Sql } from '../db/client.ts';
import { requireRow } from '../db/failure.ts';
import { persist } from '../db/persist.ts';
import { uuidV7 } from '../db/uuid-v7.ts';
import type { RateLimits } from '../http/rate-limit.ts';
import { proofMissing, refusals, toRefusal } from './policy.ts';

/** What a person may change without more ado; absent stays as it is, null removes. The keys are columns. */
export interface ProfileChange {
  name?: string | undefined;
  username?: string | null | undefined;
  first_name?: string | null | undefined;
  last_name?: string | null | undefined;
  about?: string | null | undefined;
  email?: string | null | undefined;
  phone?: string | null | undefined;
  language?: string | null | undefined;
  presence_hidden?: boolean | undefined;
}

/** That somebody knows their present password, and where they say it. */
export interface Proof {
  currentPassword: string;
  ip: string;
}

/** A change of one's own profile. */
export interface ProfileUpdate extends Actor {
  change: ProfileChange;
  /** A new one; that it is good enough is the caller's matter. */
  password?: string | undefined;
  /** `none` for the routes of systems whose clients are never asked for the present password. */
  proof: 'none' | { currentPassword: string | undefined; ip: string };
}

export interface UserCommandOptions {
  sql: Sql;
  /** RATE_LIMITS off lifts the number of reports. */
  config: Pick<Config, 'rateLimits'>;
  accounts: {
    provePassword(proof: { userId: string; password: string; ip: string }): Promise<string>;
    hashPassword(password: string): Promise<string>;
    announceEnded(sessionIds: string[]): void;
  };
  rateLimits: Pick<RateLimits, 'countSearch'>;
  /** Told that what a person is called has changed. */
  renamed(userId: string): void;
  /** Told that a person has left these chats, each with the version it has reached. */
  left(userId: string, chats: [chatId: string, version: number][]): void;
  /** Told of people of whom others may now see something else: whether they are there. */
  shown(userIds: string[]): void;
  /** Told of a picture that nobody may need any more. */
  forgetPicture(name: string): void;
}

/** Errors of all of them: `session_revoked`, `unavailable`. */
export interface UserCommands {
  /**
   * Changes one's own profile and answers it. An identifier or the password changes only with the present password:
   * `wrong_password`, `rate_limited`, `invalid_request` when it is missing. A changed password ends all other sessions.
   * Taking an identifier tells whether somebody else has it, as a search does, and counts as one. Other errors:
   * `identifier_taken`, `identifier_needed`, `overloaded`.
   */
  updateProfile(update: ProfileUpdate): Promise<OwnProfile>;
  /** Ends all sessions and refuses new ones. Errors: `wrong_password`, `rate_limited`. */
  deactivate(person: Actor & Proof): Promise<void>;
  /** Deletes the account; what it wrote stays. Errors: `wrong_password`, `rate_limited`. */
  deleteAccount(person: Actor & Proof): Promise<void>;
  /** Once it is answered no direct message passes. Errors: `unknown_user`, `not_oneself`. */
  setBlock(block: Actor & { otherId: string; blocked: boolean }): Promise<void>;
  /** Errors: `unknown_user`, `no_message` for one that the reporter cannot see, `not_oneself`, `rate_limited`. */
  report(report: Actor & { personId: string; messageId?: string | null | undefined; reason: string }): Promise<Report>;
}

const identifiers = ['email', 'phone', 'username'] as const;
/** What a person is called by. */
const names = ['name', 'username', 'email'] as const;

const refused = z.object({ status: z.enum(refusals), after_ms: z.number().optional() });
const updated = z.object({ profile: z.custom<OwnProfile>(), ended: z.array(z.string()) });
const ended = z.object({ ended: z.array(z.string()) });
const deleted = ended.extend({ avatar: z.string().nullable(), chats: z.array(z.tuple([z.string(), z.number()])) });
const done = z.object({ status: z.literal('ok') });
const reported = z.object({ created_at: z.string() });

type Query = (sql: Sql) => Promise<readonly { answer?: unknown }[]>;

export function createUserCommands(options: UserCommandOptions): UserCommands {
  const { sql, accounts, config } = options;

  const call = async <A>(answerSchema: z.ZodType<A>, query: Query): Promise<A> => {
    const { answer } = await persist(
      (attempt) => attempt(sql),
      async (connection) => requireRow((await query(connection))[0]),
    );
    const refusal = refused.safeParse(answer).data;
    if (refusal) throw toRefusal(refusal);
    return answerSchema.parse(answer);
  };
  const withProof = createWithProof(accounts);

  return {
    async updateProfile({ sessionId, userId, change, password, proof }) {
      const changeJson = JSON.stringify(change);
      const store = async (provedBy: string | null): Promise<OwnProfile> => {
        const passwordHash = password === undefined ? null : await accounts.hashPassword(password);
        const answer = await call(updated, (db) =>
          db<{ answer: unknown }[]>`
            select update_profile(${sessionId}, ${userId}, ${changeJson}::text::jsonb, ${proof !== 'none'}, ${provedBy},
              ${passwordHash}) as answer`.catch((error: unknown) => {
            throw toTaken(error) ?? error;
          }),
        );
        accounts.announceEnded(answer.ended);
        if (names.some((key) => key in change)) options.renamed(userId);
        if (change.presence_hidden !== undefined) options.shown([userId]);
        return answer.profile;
      };
      const asksForIdentifier = identifiers.some((key) => typeof change[key] === 'string');
      if (asksForIdentifier) await options.rateLimits.countSearch(userId);
      const isDelicate = password !== undefined || identifiers.some((key) => key in change);
      if (proof === 'none' || !isDelicate) return store(null);
      const { currentPassword, ip } = proof;
      if (currentPassword !== undefined) return withProof({ userId, currentPassword, ip }, store);
      if (password !== undefined) throw proofMissing();
      // Identifiers that are sent back as they are need no proof; the function compares them.
      return store(null);
    },

    deactivate: (person) =>
      withProof(person, async (provedBy) => {
        const answer = await call(
          ended,
          (db) => db`select deactivate_oneself(${person.sessionId}, ${person.userId}, ${provedBy}) as answer`,
        );
        accounts.announceEnded(answer.ended);
      }),

    deleteAccount: (person) =>
      withProof(person, async (provedBy) => {
        const answer = await call(
          deleted,
          (db) => db`select delete_user(${person.sessionId}, ${person.userId}, ${provedBy}) as answer`,
        );
        accounts.announceEnded(answer.ended);
        options.renamed(person.userId);
        options.left(person.userId, answer.chats);
        if (answer.avatar !== null) options.forgetPicture(answer.avatar);
      }),

    async setBlock({ sessionId, userId, otherId, blocked }) {
      if (otherId === userId) throw new ProtocolError('not_oneself');
      await call(
        done,
        (db) =>
          db`select json_build_object('status', set_block(${sessionId}, ${userId}, ${otherId}, ${blocked})) as answer`,
      );
      options.shown([userId, otherId]);
    },

    async report({ sessionId, userId, personId, messageId, reason }) {
      if (personId === userId) throw new ProtocolError('not_oneself');
      const id = uuidV7();
      const maxPerDay = config.rateLimits ? limits.counts.reportsPerDay : null;
      const answer = await call(
        reported,
        (db) => db`
          select store_report(${id}, ${sessionId}, ${userId}, ${personId}, ${messageId ?? null}, ${reason}, ${maxPerDay}) as answer`,
      );
      return { id, created_at: answer.created_at };
    },
  };
}

/** How often a password is proved anew because its hash was changed while it was being checked. */
const maxProofs = 3;

/** Proves a password and acts by the hash that it was proved against, again when that was replaced in between. */
const createWithProof =
  ({ provePassword }: Pick<UserCommandOptions['accounts'], 'provePassword'>) =>
  async <A>(
    { userId, currentPassword, ip }: Proof & { userId: string },
    act: (provedBy: string) => Promise<A>,
  ): Promise<A> => {
    for (let proofs = 1; ; proofs++) {
      const provedBy = await provePassword({ userId, password: currentPassword, ip });
      try {
        return await act(provedBy);
      } catch (error) {
        const isDisproved = error instanceof ProtocolError && error.code === 'wrong_password';
        if (!isDisproved || proofs === maxProofs) throw error;
      }
    }
  };
