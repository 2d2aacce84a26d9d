import { accountEndpoints } from './accounts.ts';
import { chatEndpoints } from './chats.ts';
import type { Endpoint } from './endpoint.ts';
import { messageEndpoints } from './messages.ts';
import { operationEndpoints } from './operations.ts';

/** The whole REST interface on a page, in the order in which the documents show it. */
export const endpoints: readonly Endpoint[] = [
  ...accountEndpoints,
  ...chatEndpoints,
  ...messageEndpoints,
  ...operationEndpoints,
];
