/** Parts that are loaded when they are first shown. */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { defineTexts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { Note } from '../ui/note.tsx';

const texts = defineTexts({
  en: { failed: 'This part could not be loaded.', retry: 'Try again' },
  ru: { failed: 'Эту часть не удалось загрузить.', retry: 'Ещё раз' },
});

/** A component whose code comes in a file of its own. Until it is there nothing is shown. */
export function lazily<P extends object>(load: () => Promise<ComponentType<P>>): (props: P) => preact.JSX.Element {
  let loaded: ComponentType<P> | undefined;
  return function Lazy(props: P) {
    const [Loaded, setLoaded] = useState<{ component: ComponentType<P> } | 'failed' | undefined>(
      loaded && { component: loaded },
    );
    const start = (): void => {
      setLoaded(undefined);
      load().then(
        (component) => {
          loaded = component;
          setLoaded({ component });
        },
        () => setLoaded('failed'),
      );
    };
    useEffect(() => {
      if (!loaded) start();
    }, []);
    if (Loaded === undefined) return <></>;
    if (Loaded !== 'failed') return <Loaded.component {...props} />;
    return (
      <Note kind="warning" action={<Button onClick={start}>{texts().retry}</Button>}>
        {texts().failed}
      </Note>
    );
  };
}
