/** Every table of the database. */
import { pgTable, text } from 'drizzle-orm/pg-core';

export * from './schema/people.ts';
export * from './schema/chats.ts';
export * from './schema/messages.ts';

/** Facts about the database itself, such as the fingerprint of the key that signs tokens. */
export const settings = pgTable('settings', {
  key: text('key').primaryKey(),
  value: text('value').notNull(),
});
