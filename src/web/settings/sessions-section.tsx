import { useState } from 'preact/hooks';
import type { Session } from '../../protocol/accounts.ts';
import { toErrorText } from '../app/error-text.ts';
import { useMessenger } from '../app/slices.ts';
import { toAgo, toMoment } from '../texts/dates.ts';
import { defineTexts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/dialog.tsx';
import { ListItem } from '../ui/list-item.tsx';
import { toast } from '../ui/toast.tsx';
import { useLoaded, Waiting } from './use-loaded.tsx';
import { toDeviceName } from './user-agent.ts';

const texts = defineTexts({
  en: {
    current: 'This device',
    others: 'Other devices',
    alone: "You're only logged in on this device.",
    unknown: 'Unknown device',
    online: 'online',
    since: (when: string) => `logged in ${when}`,
    end: 'Log out',
    endWhich: (name: string) => `Log out ${name}`,
    endAll: 'Log out all other devices',
    endAllText: "You'll need to log in again on those devices.",
    ended: 'Device logged out',
    allEnded: 'All other devices logged out',
  },
  ru: {
    current: 'Это устройство',
    others: 'Другие устройства',
    alone: 'Вход выполнен только на этом устройстве.',
    unknown: 'Неизвестное устройство',
    online: 'в сети',
    since: (when: string) => `вход ${when}`,
    end: 'Выйти',
    endWhich: (name: string) => `Выйти на устройстве: ${name}`,
    endAll: 'Выйти на остальных устройствах',
    endAllText: 'На этих устройствах нужно будет войти заново.',
    ended: 'Устройство отключено',
    allEnded: 'Остальные устройства отключены',
  },
});

/** Where one is logged in, and how to end it there. */
export function SessionsSection() {
  const t = texts();
  const messenger = useMessenger();
  const path = '/api/v1/sessions';
  const { value: sessions, ...loaded } = useLoaded(
    async () => (await messenger.request({ method: 'GET', path })) as Session[],
  );
  const [asking, setAsking] = useState(false);
  if (sessions === undefined) return <Waiting {...loaded} />;
  const others = sessions.filter(({ current }) => !current);

  const end = async (session: Session): Promise<void> => {
    try {
      await messenger.request({ method: 'DELETE', path: `${path}/${session.id}` });
      toast(t.ended);
    } catch (error) {
      toast(toErrorText(error));
    }
    loaded.reload();
  };
  const endOthers = async (): Promise<void> => {
    setAsking(false);
    try {
      await messenger.request({ method: 'DELETE', path });
      toast(t.allEnded);
    } catch (error) {
      toast(toErrorText(error));
    }
    loaded.reload();
  };

  return (
    <>
      <div class="settings-part">
        <h2>{t.current}</h2>
        <ul class="settings-devices">
          {sessions
            .filter(({ current }) => current)
            .map((session) => (
              <li key={session.id}>
                <SessionItem session={session} />
              </li>
            ))}
        </ul>
      </div>
      <div class="settings-part">
        <h2>{t.others}</h2>
        {others.length === 0 && <p class="settings-quiet">{t.alone}</p>}
        <ul class="settings-devices">
          {others.map((session) => (
            <li key={session.id}>
              <SessionItem session={session} onEnd={() => void end(session)} />
            </li>
          ))}
        </ul>
        {others.length > 0 && (
          <div class="settings-row">
            <Button kind="danger" onClick={() => setAsking(true)}>
              {t.endAll}
            </Button>
          </div>
        )}
      </div>
      {asking && (
        <Confirm
          title={t.endAll}
          text={t.endAllText}
          action={t.end}
          danger
          onConfirm={() => void endOthers()}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

function SessionItem({ session, onEnd }: { session: Session; onEnd?: () => void }) {
  const t = texts();
  const name = toDeviceName(session.user_agent) ?? t.unknown;
  const details = [
    session.current || session.connections > 0 ? t.online : toAgo(session.last_used_at),
    t.since(toMoment(session.created_at)),
    session.ip,
  ];
  return (
    <ListItem
      title={<span title={session.user_agent ?? ''}>{name}</span>}
      subtitle={details.filter(Boolean).map((part) => (
        <span key={part}>{part} </span>
      ))}
      trailing={
        onEnd && (
          <Button aria-label={t.endWhich(name)} onClick={onEnd}>
            {t.end}
          </Button>
        )
      }
    />
  );
}
