import { getTableConfig, PgTable, type PgColumn } from 'drizzle-orm/pg-core';
import * as schema from '../../src/server/db/schema.ts';

type Table = ReturnType<typeof getTableConfig>;

const listTables = (): Table[] =>
  Object.values(schema)
    .filter((value) => value instanceof PgTable)
    .map((table) => getTableConfig(table))
    .toSorted((a, b) => a.name.localeCompare(b.name));

const isKey = (table: Table, column: PgColumn): boolean =>
  column.primary || table.primaryKeys.some((key) => key.columns.some(({ name }) => name === column.name));

/** A column as PlantUML's entity notation has it: `*` is mandatory. */
const toColumnLine = (column: PgColumn): string =>
  `  ${column.notNull ? '*' : ' '} ${column.name} : ${column.getSQLType()}`;

const toEntity = (table: Table): string[] => {
  const keys = table.columns.filter((column) => isKey(table, column));
  const others = table.columns.filter((column) => !isKey(table, column));
  return [`entity ${table.name} {`, ...keys.map(toColumnLine), '  --', ...others.map(toColumnLine), '}', ''];
};

/** How many rows may have the same value: one, or any number. */
const isUnique = (table: Table, column: PgColumn): boolean =>
  column.primary ||
  column.isUnique ||
  table.primaryKeys.some((key) => key.columns.length === 1 && key.columns[0]?.name === column.name);

/** What a column refers to without a foreign key, by its name. */
const targets: Record<string, string> = { chat_id: 'chats', user_id: 'users', sender_id: 'users' };

const toRelations = (table: Table): string[] => {
  const enforced = table.foreignKeys.map((key) => {
    const { columns, foreignTable } = key.reference();
    return { column: columns[0]!, target: getTableConfig(foreignTable).name };
  });
  const named = table.columns
    .filter((column) => !enforced.some((relation) => relation.column.name === column.name))
    .flatMap((column) => (Object.hasOwn(targets, column.name) ? [{ column, target: targets[column.name]! }] : []));
  const toLine =
    (line: string) =>
    ({ column, target }: { column: PgColumn; target: string }): string =>
      `${target} ${column.notNull ? '||' : '|o'}${line}${isUnique(table, column) ? 'o|' : 'o{'} ${table.name} : ${column.name}`;
  return [...enforced.map(toLine('--')), ...named.map(toLine('..'))];
};

/** The PlantUML diagram of all tables, columns and relations of the schema; dotted relations have no foreign key. */
export function generateModels(): string {
  const tables = listTables();
  const enums = Object.values(schema)
    .flatMap((value) => ('enumValues' in value && 'enumName' in value ? [value] : []))
    .toSorted((a, b) => a.enumName.localeCompare(b.enumName));
  return [
    '@startuml',
    "' Generated from src/server/db/schema.ts by npm run docs:models.",
    'hide circle',
    'skinparam linetype ortho',
    '',
    ...tables.flatMap(toEntity),
    ...enums.flatMap((type) => [`enum ${type.enumName} {`, ...type.enumValues.map((value) => `  ${value}`), '}', '']),
    ...tables.flatMap(toRelations),
    '',
    'note as N1',
    '  Solid: foreign key. Dotted: checked by the function that stores, without a foreign key.',
    '  Data files: chat_members are memberships; user_group is derived from them;',
    '  seen and message_seen_status are chats.seen_seq and memberships.read_seq.',
    'end note',
    '@enduml',
    '',
  ].join('\n');
}
