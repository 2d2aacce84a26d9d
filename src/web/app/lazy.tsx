/** Parts of the client that are fetched when they are first seen. */
import type { ComponentType, FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/note.tsx';
import { defineTexts } from '../texts/texts.ts';

const texts = defineTexts({
  en: { failed: 'This part could not be loaded', again: 'Try again' },
  ru: { failed: 'Эта часть не загрузилась', again: 'Попробовать ещё раз' },
});

/** A component that is fetched when it is first rendered; until then there is nothing in its place. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): FunctionComponent<P> {
  let loaded: ComponentType<P> | undefined;
  return function Lazy(props: P) {
    const [attempt, setAttempt] = useState(0);
    const [state, setState] = useState<'loading' | 'loaded' | 'failed'>('loading');
    useEffect(() => {
      if (loaded) return undefined;
      let isHere = true;
      load().then(
        (component) => {
          loaded = component;
          if (isHere) setState('loaded');
        },
        () => isHere && setState('failed'),
      );
      return () => void (isHere = false);
    }, [attempt]);
    if (loaded) {
      const Loaded = loaded;
      return <Loaded {...props} />;
    }
    if (state !== 'failed') return null;
    const again = (): void => {
      setState('loading');
      setAttempt(attempt + 1);
    };
    return (
      <EmptyState icon="offline" title={texts().failed}>
        <Button onClick={again}>{texts().again}</Button>
      </EmptyState>
    );
  };
}
