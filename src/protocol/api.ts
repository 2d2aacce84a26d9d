import { accountEndpoints } from './accounts.ts';
import { actionsEndpoints } from './actions-http.ts';
import { chatEndpoints } from './chats.ts';
import { directEndpoints } from './direct.ts';
import type { Endpoint } from './endpoint.ts';
import { entryEndpoints } from './entry.ts';
import { groupEndpoints } from './groups.ts';
import { inviteEndpoints } from './invites.ts';
import { lobbyEndpoints } from './lobby.ts';
import { mediaEndpoints } from './media.ts';
import { messageChangeEndpoints } from './message-changes.ts';
import { messageEndpoints } from './messages.ts';
import { operationEndpoints } from './operations.ts';
import { roomEndpoints } from './rooms-http.ts';
import { userEndpoints } from './users.ts';

/** The whole REST interface on a page, in the order in which the documents show it. */
export const endpoints: readonly Endpoint[] = [
  ...accountEndpoints,
  ...userEndpoints,
  ...mediaEndpoints,
  ...chatEndpoints,
  ...groupEndpoints,
  ...inviteEndpoints,
  ...messageEndpoints,
  ...messageChangeEndpoints,
  ...roomEndpoints,
  ...entryEndpoints,
  ...directEndpoints,
  ...lobbyEndpoints,
  ...actionsEndpoints,
  ...operationEndpoints,
];
