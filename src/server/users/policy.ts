/**
 * Who may do what to whom is decided inside the SQL functions that do it, under the people's locks. Here is only what
 * their refusals are called on the wire.
 */
import { ProtocolError, type ErrorCode } from '../../protocol/errors.ts';

const codes = {
  revoked: 'session_revoked',
  identifier_needed: 'identifier_needed',
  /** The password was changed while it was being proved. */
  disproved: 'wrong_password',
  no_user: 'unknown_user',
  no_message: 'no_message',
} as const satisfies Record<string, ErrorCode>;

/** What an SQL function answers instead of having done it. */
export interface Refusal {
  status: keyof typeof codes | 'unproved' | 'too_many';
  /** When to come back, where it was too many. */
  after_ms?: number | undefined;
}

export const refusals = [...(Object.keys(codes) as (keyof typeof codes)[]), 'unproved', 'too_many'] as const;

export function toRefusal({ status, after_ms: afterMs }: Refusal): ProtocolError {
  if (status === 'unproved') return proofMissing();
  if (status === 'too_many') return new ProtocolError('rate_limited', { afterMs: afterMs ?? 0 });
  return new ProtocolError(codes[status]);
}

/** What a change of an identifier or the password is answered without the current password. */
export const proofMissing = (): ProtocolError =>
  new ProtocolError('invalid_request', {
    mistakes: [
      {
        type: 'missing',
        loc: ['body', 'current_password'],
        msg: 'Changing an identifier or the password needs the current password',
      },
    ],
  });
