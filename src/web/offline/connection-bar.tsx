import { useEffect, useState } from 'preact/hooks';
import type { ConnectionState, Messenger } from '../../client/index.ts';
import { useMessenger } from '../app/slices.ts';
import { defineTexts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import './bars.css';

const texts = defineTexts({
  en: {
    connecting: 'Connecting…',
    catching_up: 'Catching up…',
    offline: 'No connection',
    trying: 'Trying…',
    next: (seconds: number) => `Next try in ${seconds} s`,
    tryNow: 'Retry',
  },
  ru: {
    connecting: 'Подключение…',
    catching_up: 'Обновление…',
    offline: 'Нет соединения',
    trying: 'Подключение…',
    next: (seconds: number) => `Попытка через ${seconds} с`,
    tryNow: 'Повторить',
  },
});

/** What takes less than this is no news. */
const patienceMs = 600;

interface Trouble {
  kind: 'connecting' | 'catching_up' | 'offline';
  /** When the next try is, by the clock of the page. */
  nextAt?: number;
}

/** A try that follows a failure says nothing new: it is still offline until it has worked. */
function toTrouble(
  before: Trouble | undefined,
  state: ConnectionState,
  afterMs: number | undefined,
): Trouble | undefined {
  if (state === 'online' || state === 'stopped') return undefined;
  if (state === 'offline') return { kind: 'offline', ...(afterMs !== undefined && { nextAt: Date.now() + afterMs }) };
  return { kind: before?.kind === 'offline' && state === 'connecting' ? 'offline' : state };
}

/** What keeps the messenger from being up to date, once it has lasted a moment. */
function useTrouble(messenger: Messenger): Trouble | undefined {
  const [trouble, setTrouble] = useState(() => toTrouble(undefined, messenger.state, undefined));
  const [isPatient, setPatient] = useState(true);
  const isTrouble = trouble !== undefined;
  useEffect(() => {
    const take = (state: ConnectionState, afterMs?: number): void =>
      setTrouble((before) => toTrouble(before, state, afterMs));
    take(messenger.state);
    return messenger.on('state', ({ state, afterMs }) => take(state, afterMs));
  }, [messenger]);
  useEffect(() => {
    if (!isTrouble) return undefined;
    const timer = setTimeout(() => setPatient(false), patienceMs);
    return () => {
      clearTimeout(timer);
      setPatient(true);
    };
  }, [isTrouble]);
  return isPatient ? undefined : trouble;
}

/** A line that is there only as long as something keeps the messenger from being up to date. */
export function ConnectionBar() {
  const messenger = useMessenger();
  const trouble = useTrouble(messenger);
  return (
    <div class="bar" data-open={trouble !== undefined}>
      <div class="bar-line" data-kind={trouble?.kind}>
        {trouble?.kind === 'offline' && <Icon name="offline" />}
        <div class="bar-text">
          <p role="status">{trouble && texts()[trouble.kind]}</p>
          {trouble?.kind === 'offline' && <NextTry at={trouble.nextAt} />}
        </div>
        {trouble?.kind === 'offline' && (
          <Button kind="plain" onClick={() => messenger.wake()}>
            {texts().tryNow}
          </Button>
        )}
      </div>
    </div>
  );
}

/** Counts the seconds; not said aloud. */
function NextTry({ at }: { at: number | undefined }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [at]);
  const seconds = at === undefined ? 0 : Math.ceil((at - now) / 1_000);
  return <p class="bar-detail">{seconds > 0 ? texts().next(seconds) : texts().trying}</p>;
}
