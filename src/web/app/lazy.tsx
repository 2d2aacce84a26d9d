/** Parts that are loaded when they are first shown. */
import type { ComponentType, FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { defineTexts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { Note } from '../ui/note.tsx';
import { toast } from '../ui/toast.tsx';
import { toErrorText } from './error-text.ts';

const texts = defineTexts({
  en: { failed: "Couldn't load this part.", retry: 'Try again' },
  ru: { failed: 'Эту часть не удалось загрузить.', retry: 'Ещё раз' },
});

/** A component whose code comes in a file of its own. Until it is there nothing is shown. */
export function lazily<P extends object>(load: () => Promise<ComponentType<P>>): (props: P) => preact.JSX.Element {
  let loaded: ComponentType<P> | undefined;
  return function Lazy(props: P) {
    const [Loaded, setLoaded] = useState<{ component: ComponentType<P> } | 'failed' | undefined>(
      loaded && { component: loaded },
    );
    const start = async (): Promise<void> => {
      setLoaded(undefined);
      try {
        loaded = await load();
        setLoaded({ component: loaded });
      } catch {
        setLoaded('failed');
      }
    };
    useEffect(() => {
      if (!loaded) void start();
    }, []);
    if (Loaded === undefined) return <></>;
    if (Loaded !== 'failed') return <Loaded.component {...props} />;
    return (
      <Note kind="warning" action={<Button onClick={() => void start()}>{texts().retry}</Button>}>
        {texts().failed}
      </Note>
    );
  };
}

/** A dialog of the same kind. When it cannot be fetched that is told, and it closes. */
export function lazyDialog<P extends { onClose: () => void }>(
  load: () => Promise<ComponentType<P>>,
): FunctionComponent<P> {
  let loaded: ComponentType<P> | undefined;
  return function LazyDialog(props: P) {
    const [Part, setPart] = useState<ComponentType<P> | undefined>(() => loaded);
    useEffect(() => {
      if (loaded) return;
      load().then(
        (part) => setPart(() => (loaded = part)),
        (error: unknown) => {
          toast(toErrorText(error));
          props.onClose();
        },
      );
    }, []);
    return Part ? <Part {...props} /> : null;
  };
}
