import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import type { TestProject } from 'vitest/node';
import { startEmbedded } from '../../src/server/db/embedded.ts';
import { migrate } from '../../src/server/db/migrate.ts';
import { templateName, withDatabaseName } from './database.ts';

declare module 'vitest' {
  interface ProvidedContext {
    adminUrl: string;
  }
}

/**
 * One real PostgreSQL for the whole run: the embedded one in a temporary folder, or that of TEST_DATABASE_URL. Its
 * template database has all migrations; each test file clones it.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['TEST_DATABASE_URL'];
  const dataDir = given === undefined ? mkdtempSync(join(tmpdir(), 'messenger-tests-')) : undefined;
  const embedded = dataDir === undefined ? undefined : await startEmbedded({ dataDir, log: () => undefined });
  const adminUrl = given ?? embedded!.url;
  const sql = postgres(adminUrl, { max: 1, onnotice: () => undefined });
  await sql.unsafe(`drop database if exists ${templateName} with (force)`);
  await sql.unsafe(`create database ${templateName}`);
  await migrate(withDatabaseName(adminUrl, templateName));
  project.provide('adminUrl', adminUrl);
  return async () => {
    await sql.unsafe(`drop database if exists ${templateName} with (force)`);
    await sql.end();
    await embedded?.stop();
    if (dataDir !== undefined) rmSync(dataDir, { recursive: true, force: true });
  };
}
