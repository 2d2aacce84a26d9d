import { afterAll, beforeAll, expect } from 'vitest';
import { findFreePort, NodeProcess } from '../../faults/node-process.ts';
import { useBrowser } from '../../support/browser.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { build } from '../../support/programs.ts';
import { Web, type Device, type VisitOptions } from './web.ts';

/** As `Web`, but the server is a process of its own that can be killed; the database outlives it. */
export class ProcessWeb {
  readonly #web = new Web();
  #database!: TestDatabase;
  node!: NodeProcess;

  /** Call it once at the top of a file. */
  static use(): ProcessWeb {
    const web = new ProcessWeb();
    beforeAll(async () => {
      build();
      web.#database = await createDatabase();
      web.node = new NodeProcess({ databaseUrl: web.#database.url, port: await findFreePort() });
      await web.node.start();
    });
    afterAll(async () => {
      await web.node[Symbol.asyncDispose]();
      await web.#database[Symbol.asyncDispose]();
      expect(web.#web.complaints).toEqual([]);
    });
    useBrowser((browser) => void (web.#web.browser = browser));
    return web;
  }

  get url(): string {
    return this.node.url;
  }

  get wsUrl(): string {
    return this.url.replace('http', 'ws');
  }

  /** A device of somebody, as `Web.visit` makes it, with all that the page has. */
  visit(path: string, options: VisitOptions = {}): Promise<Device> {
    return this.#web.visit(path, { by: this.url, keeps: true, reducedMotion: 'no-preference', ...options });
  }
}
