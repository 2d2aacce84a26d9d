import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import { describe, expect, it } from 'vitest';
import { generateModels } from '../../scripts/support/models-diagram.ts';
import * as schema from '../../src/server/db/schema.ts';
import { top } from '../support/programs.ts';

describe('docs/models.puml', () => {
  it('is what the schema says (npm run docs:models writes it)', async () => {
    expect(await readFile(join(top, 'docs', 'models.puml'), 'utf8')).toBe(generateModels());
  });

  it('has every table with every column', () => {
    const text = generateModels();
    for (const table of Object.values(schema).filter((value) => value instanceof PgTable)) {
      const { name, columns } = getTableConfig(table);
      const entity = new RegExp(`^entity ${name} \\{\n([^}]*)\\}`, 'm').exec(text)?.[1] ?? '';
      for (const column of columns) expect(entity).toContain(` ${column.name} : ${column.getSQLType()}\n`);
    }
  });

  it('has a relation for every column that names a chat or a person', () => {
    const text = generateModels();
    expect(text).toContain('chats ||--o{ memberships : chat_id');
    expect(text).toContain('chats ||--o| groups : chat_id');
    expect(text).toContain('chats ||..o{ messages : chat_id');
    expect(text).toContain('users ||..o{ messages : sender_id');
  });
});
