/** Whether somebody looks at the page. */
export const isWatched = (): boolean => document.visibilityState === 'visible' && document.hasFocus();

/** Calls whenever that may have changed; the returned function ends it. */
export function onWatched(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener);
  addEventListener('focus', listener);
  addEventListener('blur', listener);
  return () => {
    document.removeEventListener('visibilitychange', listener);
    removeEventListener('focus', listener);
    removeEventListener('blur', listener);
  };
}
