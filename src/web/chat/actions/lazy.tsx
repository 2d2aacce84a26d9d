/** Parts that are seldom needed and come when they are. */
import type { ComponentType, FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { toErrorText } from '../../app/error-text.ts';
import { toast } from '../../ui/toast.tsx';

/** A component of a later chunk; nothing is shown until it is here. When it cannot be fetched that is told, and it closes. */
export function lazy<P extends { onClose: () => void }>(load: () => Promise<ComponentType<P>>): FunctionComponent<P> {
  let loaded: ComponentType<P> | undefined;
  return function Lazy(props: P) {
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
