import { chatListFamily } from './figures/chat-list.ts';
import { conversationFamily } from './figures/conversation.ts';
import { deliverFamily } from './figures/deliver.ts';
import { dialectsFamily } from './figures/dialects.ts';
import { historyFamily } from './figures/history.ts';
import { idleFamily } from './figures/idle.ts';
import { loginsFamily } from './figures/logins.ts';
import { peopleFamily } from './figures/people.ts';
import { populateFamily } from './figures/populate.ts';
import { sdkFamily } from './figures/sdk.ts';
import { serverFamily } from './figures/server.ts';
import { writerFamily } from './figures/writer.ts';
import { webFamily } from './figures/web.ts';
import { resumeFamily } from './figures/resume.ts';
import { slowSocketsFamily } from './figures/slow-sockets.ts';
import { stormFamily } from './figures/storm.ts';
import { syncFamily } from './figures/sync.ts';
import type { Family } from './support/context.ts';

/** All figures, in the order of the table. */
export const families: readonly Family[] = [
  writerFamily,
  conversationFamily,
  deliverFamily,
  dialectsFamily,
  slowSocketsFamily,
  serverFamily,
  historyFamily,
  chatListFamily,
  syncFamily,
  resumeFamily,
  stormFamily,
  peopleFamily,
  sdkFamily,
  loginsFamily,
  idleFamily,
  populateFamily,
  webFamily,
];
