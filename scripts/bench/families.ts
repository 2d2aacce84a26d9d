import { chatListFamily } from './figures/chat-list.ts';
import { deliverFamily } from './figures/deliver.ts';
import { dialectsFamily } from './figures/dialects.ts';
import { historyFamily } from './figures/history.ts';
import { idleFamily } from './figures/idle.ts';
import { loginsFamily } from './figures/logins.ts';
import { peopleFamily } from './figures/people.ts';
import { populateFamily } from './figures/populate.ts';
import { serverFamily } from './figures/server.ts';
import { writerFamily } from './figures/writer.ts';
import type { Family } from './support/context.ts';

/** All figures, in the order of the table. */
export const families: readonly Family[] = [
  writerFamily,
  deliverFamily,
  dialectsFamily,
  serverFamily,
  historyFamily,
  chatListFamily,
  peopleFamily,
  loginsFamily,
  idleFamily,
  populateFamily,
];
