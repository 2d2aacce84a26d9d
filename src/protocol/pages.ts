/**
 * The addresses of the web client's screens, as patterns of a router. Whatever is asked for under them, the server answers
 * with the one page; its script reads the address. No segment after `#` reaches the server: secrets of links stand there.
 */
export const pagePaths = [
  '/',
  '/login',
  '/register',
  '/reset',
  '/invite/:token',
  '/new',
  '/new/group',
  '/c/:chatId',
  '/c/:chatId/info',
  '/c/:chatId/:seq',
  '/u/:userId',
  '/settings',
  '/settings/:section',
] as const;
