import type postgres from 'postgres';
import { ProtocolError } from '../../protocol/errors.ts';

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
