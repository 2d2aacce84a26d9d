import type postgres from 'postgres';
import { ProtocolError } from '../../protocol/errors.ts';

/** Who acts or asks: a person by one of their sessions, which must be live. */
export interface Actor {
  sessionId: string;
  userId: string;
}

/** Throws `session_revoked` unless the row, read in the same statement as the rest, says that the session is live. */
export function requireLive<R extends { live: boolean }>(row: R | undefined): R {
  if (!row?.live) throw new ProtocolError('session_revoked');
  return row;
}

const identifierKeys = {
  users_email_key: { identifier: 'email', message: 'This e-mail address belongs to somebody else; choose another.' },
  users_phone_key: { identifier: 'phone', message: 'This phone number belongs to somebody else; choose another.' },
  users_username_key: { identifier: 'username', message: 'This username belongs to somebody else; choose another.' },
} as const;

/** What an error of PostgreSQL means, where it is that somebody else has the identifier. */
export function toTaken(error: unknown): ProtocolError | undefined {
  const name = (error as postgres.PostgresError).constraint_name ?? '';
  if (!(name in identifierKeys)) return undefined;
  return new ProtocolError('identifier_taken', identifierKeys[name as keyof typeof identifierKeys]);
}
