import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build, type Plugin, type Rolldown } from 'vite';

interface ServiceWorkerOptions {
  source: string;
  /** Its files are copied into the build as they are. */
  publicFolder: string;
}

/** Builds the service worker to `/sw.js` and tells it the names of all files of the build and the hash of their contents. */
export const serviceWorker = ({ source, publicFolder }: ServiceWorkerOptions): Plugin => ({
  name: 'service-worker',
  apply: 'build',
  enforce: 'post',
  generateBundle: {
    order: 'post',
    async handler(_options, bundle) {
      const contents = new Map<string, string | Uint8Array>();
      for (const file of Object.values(bundle))
        contents.set(file.fileName, file.type === 'chunk' ? file.code : file.source);
      for (const name of listFiles(publicFolder)) contents.set(name, readFileSync(join(publicFolder, name)));
      const names = [...contents.keys()].sort();
      const hash = createHash('sha256');
      for (const name of names) hash.update(`${name}\0`).update(contents.get(name)!);
      const code = await buildWorker(source, {
        hash: hash.digest('hex').slice(0, 16),
        files: names.filter((name) => name !== 'index.html').map((name) => `/${name}`),
      });
      this.emitFile({ type: 'asset', fileName: 'sw.js', source: code });
    },
  },
});

/** A build of its own: a worker is a single script and shares no chunk with the page. */
async function buildWorker(source: string, built: { hash: string; files: string[] }): Promise<string> {
  const { output } = (await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    define: { BUILT: JSON.stringify(built) },
    build: { write: false, target: 'es2023', rolldownOptions: { input: source } },
  })) as Rolldown.RolldownOutput;
  return output[0].code;
}

const listFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
