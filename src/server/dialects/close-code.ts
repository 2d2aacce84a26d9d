import { closeCodes } from '../../protocol/close-codes.ts';
import type { ProtocolError } from '../../protocol/errors.ts';

/** What a socket that is turned away is closed with: `final` unless the same may succeed later. */
export const toCloseCode = ({ retry }: ProtocolError, final: number = closeCodes.policyViolation): number =>
  retry === 'same' ? closeCodes.tryAgainLater : final;
