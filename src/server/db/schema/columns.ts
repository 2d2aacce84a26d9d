/** Kinds of columns that Drizzle has no name for. */
import { bigint, customType, timestamp } from 'drizzle-orm/pg-core';

/** A transaction id that never wraps; as text in JavaScript. */
export const xid8 = customType<{ data: string }>({ dataType: () => 'xid8' });
/** Bytes. */
export const bytea = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });
/** Instants travel as text: a JavaScript Date would cut the microseconds. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'string', precision: 6 });
/** A number that counts up and stays exact in JavaScript. */
export const counter = (name: string) => bigint(name, { mode: 'number' });
