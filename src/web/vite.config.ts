import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { showcase } from './build/showcase-plugin.ts';
import { serviceWorker } from './build/service-worker-plugin.ts';
import { emojiPlugin } from './build/emoji-plugin.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The server that the page of `npm run dev:web` speaks to. */
const server = process.env['SERVER_URL'] ?? 'http://127.0.0.1:8000';

export default defineConfig({
  root: here('.'),
  resolve: {
    alias: { 'react/jsx-runtime': 'preact/jsx-runtime', 'react-dom': 'preact/compat', react: 'preact/compat' },
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [
    emojiPlugin(),
    serviceWorker({ source: here('service-worker.ts'), publicFolder: here('public') }),
    showcase(),
  ],
  build: {
    outDir: here('../../dist/web'),
    emptyOutDir: true,
    target: 'es2023',
    // A picture in a style would need `data:` in more places than the policy allows.
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        // What every screen has shrinks better in one file than in many small ones.
        codeSplitting: {
          groups: [
            {
              name: 'base',
              test: /src\/web\/(texts|ui\/(avatar|button|field|note)|app\/names|chats\/arrange|chat\/text\/plain-line)/,
            },
          ],
        },
      },
      onLog(level, log, tell) {
        // virtua speaks to servers that render components; there is none here.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') tell(level, log);
      },
    },
  },
  server: {
    proxy: {
      '/api': server,
      '/media': server,
      '/ws': { target: server, ws: true },
    },
  },
});
