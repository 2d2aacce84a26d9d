/**
 * What people are called, for dialects whose frames name them. A hint for reading out: bounded, filled when somebody is
 * about to be named, and dropped when a person changes or when changes may have gone unheard.
 */
import type { Sql } from '../db/client.ts';

export interface Name {
  id: string;
  name: string;
  username: string | null;
  email: string | null;
}

export class Names {
  readonly #sql: Sql;
  readonly #maxNames: number;
  readonly #known = new Map<string, Name>();
  #drops = 0;

  constructor({ sql, maxNames = 50_000 }: { sql: Sql; maxNames?: number }) {
    this.#sql = sql;
    this.#maxNames = maxNames;
  }

  find(userId: string): Name | undefined {
    return this.#known.get(userId);
  }

  has(userId: string): boolean {
    return this.#known.has(userId);
  }

  /** Reads the names that are not known yet. */
  async load(userIds: Iterable<string>): Promise<void> {
    const missing = [...new Set(userIds)].filter((id) => !this.#known.has(id));
    if (missing.length === 0) return;
    const drops = this.#drops;
    const rows = await listNames(this.#sql, missing);
    if (drops !== this.#drops) return this.load(missing);
    for (const row of rows) this.#known.set(row.id, row);
    // Nobody is waited for twice: who is not there is named by nothing.
    for (const id of missing)
      if (!this.#known.has(id)) this.#known.set(id, { id, name: '', username: null, email: null });
    for (const id of this.#known.keys()) {
      if (this.#known.size <= this.#maxNames) break;
      this.#known.delete(id);
    }
  }

  /** These people have changed. */
  drop(userIds: Iterable<string>): void {
    this.#drops++;
    for (const id of userIds) this.#known.delete(id);
  }

  /** Anybody may have changed. */
  clear(): void {
    this.#drops++;
    this.#known.clear();
  }
}

const listNames = (sql: Sql, userIds: string[]): Promise<Name[]> =>
  sql<Name[]>`select id, name, username, email from users where id = any(${userIds}::uuid[])`;

/** What a person is addressed by: the username, else the part of the e-mail address before the @, else the name. */
export const toShortName = ({ username, email, name }: Name): string => username ?? email?.split('@')[0] ?? name;
