/** The SDK's store as components read it. */
import { createContext } from 'preact';
import { useContext, useEffect, useReducer } from 'preact/hooks';
import type { Messenger, SliceKey, Slices } from '../../client/index.ts';

const Context = createContext<Messenger | undefined>(undefined);

/** Everything below it speaks for the person who has logged in. */
export const MessengerProvider = Context.Provider;

/** The messenger of who has logged in; below `MessengerProvider` only. */
export function useMessenger(): Messenger {
  const messenger = useContext(Context);
  if (!messenger) throw new Error('nobody has logged in here');
  return messenger;
}

/** Pages that are not seen get no frames. */
const hiddenMs = 250;

/** Calls at the next frame, however often it is asked before that: a burst of changes is one rendering. */
function onceAFrame(callback: () => void): { ask(): void; stop(): void } {
  let frame: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = (): void => {
    if (frame !== undefined) cancelAnimationFrame(frame);
    clearTimeout(timer);
    frame = undefined;
  };
  const run = (): void => {
    stop();
    callback();
  };
  return {
    ask() {
      if (frame !== undefined) return;
      frame = requestAnimationFrame(run);
      timer = setTimeout(run, hiddenMs);
    },
    stop,
  };
}

/** What the store holds under a key, now and after every change. */
export function useSlice<K extends SliceKey>(key: K): Slices[K] {
  const { store } = useMessenger();
  const [, render] = useReducer((n: number, _change: void) => n + 1, 0);
  const value = store.get(key);
  useEffect(() => {
    const frames = onceAFrame(() => render());
    const off = store.subscribe(key, frames.ask);
    // It may have changed between rendering and here.
    if (store.get(key) !== value) frames.ask();
    return () => {
      off();
      frames.stop();
    };
  }, [store, key]);
  return value;
}

/** The same for several keys, in their order. */
export function useSlices<K extends SliceKey>(keys: readonly K[]): Slices[K][] {
  const { store } = useMessenger();
  const [, render] = useReducer((n: number, _change: void) => n + 1, 0);
  const values = keys.map((key) => store.get(key));
  useEffect(() => {
    const frames = onceAFrame(() => render());
    const offs = keys.map((key) => store.subscribe(key, frames.ask));
    if (keys.some((key, at) => store.get(key) !== values[at])) frames.ask();
    return () => {
      for (const off of offs) off();
      frames.stop();
    };
  }, [store, keys.join()]);
  return values;
}
