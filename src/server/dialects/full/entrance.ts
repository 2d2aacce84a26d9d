/** The full dialect, `messenger.v1`: src/protocol/full.ts. */
import { closeCodes } from '../../../protocol/close-codes.ts';
import { subprotocol } from '../../../protocol/version.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Dialect } from '../../realtime/dialect.ts';
import type { Entrance } from '../../realtime/gateway.ts';
import type { FullParts } from './asks.ts';
import { encodeClosing, encodeEvent, encodeLag } from './events.ts';
import { createTalk } from './talk.ts';

const dialect: Dialect = {
  name: 'full',
  loginWithinMs: limits.sockets.fullLoginWithinMs,
  drainCloseCode: closeCodes.draining,
  echoes: false,
  needsNames: false,
  hearsOwnStates: true,
  encodeEvent,
  encodeLag,
  encodeClosing,
};

const anyVersion = /^messenger\.v\d+$/;

/**
 * The way in at `/ws` for who offers the subprotocol. Who offers only other versions of it is let in under that name and
 * told that it is not spoken: a refused handshake would tell a browser nothing.
 */
export function createFullEntrance(parts: FullParts): (url: URL, offered: readonly string[]) => Entrance | undefined {
  const talk = createTalk(parts);
  const full: Entrance = { dialect, talk, subprotocol };
  const turnsAway = {
    code: closeCodes.versionNotSpoken,
    reason: `this version is not spoken here; offer ${subprotocol}`,
  };
  return ({ pathname, searchParams }, offered) => {
    if ((pathname !== '/ws' && pathname !== '/ws/') || searchParams.has('token')) return undefined;
    if (offered.includes(subprotocol)) return full;
    const other = offered.find((name) => anyVersion.test(name));
    return other === undefined ? undefined : { dialect, talk, subprotocol: other, turnsAway };
  };
}
