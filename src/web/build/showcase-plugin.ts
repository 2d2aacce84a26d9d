import type { Plugin } from 'vite';

/** `/ui` of the development server: every component of the design system in all its states. */
export const showcase = (): Plugin => ({
  name: 'showcase',
  apply: 'serve',
  configureServer(server) {
    server.middlewares.use((request, _response, next) => {
      if (request.url?.replace(/\?.*/, '') === '/ui') request.url = '/ui.html';
      next();
    });
  },
});
