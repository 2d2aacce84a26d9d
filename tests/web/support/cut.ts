import type { Page, WebSocketRoute } from 'playwright-core';

/** Cuts a page off from the server's sockets and lets it back. */
export interface Cut {
  set(isCut: boolean): void;
}

/** A page whose sockets can be cut: `setOffline` of the browser leaves those that are open. The page is loaded anew. */
export async function makeCuttable(page: Page): Promise<Cut> {
  let isCut = false;
  const open = new Set<WebSocketRoute>();
  const end = (socket: WebSocketRoute): void => void socket.close().catch(() => undefined);
  await page.routeWebSocket(/\/ws$/, (socket) => {
    if (isCut) {
      end(socket);
      return;
    }
    socket.connectToServer();
    open.add(socket);
  });
  await page.reload();
  return {
    set(value) {
      isCut = value;
      if (isCut) for (const socket of open) end(socket);
      open.clear();
    },
  };
}
