import type { Position, Reading } from '../../../client/index.ts';
import { toName, usePerson } from '../../app/names.ts';
import { paths } from '../../app/router.ts';
import { useMessenger, useSlice } from '../../app/slices.ts';
import { toFull, toMoment } from '../../texts/dates.ts';
import { defineTexts } from '../../texts/texts.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ListItem } from '../../ui/list-item.tsx';
import type { MessageDialogProps } from './dialog-state.ts';
import { useAsked } from './use-asked.ts';
import './message-dialogs.css';

const texts = defineTexts({
  en: {
    unread: 'Not read yet',
    read: (n: number) => `Read by ${n}`,
    delivered: (n: number) => `Delivered: ${n}`,
    waiting: (n: number) => `Not delivered yet: ${n}`,
  },
  ru: {
    unread: 'Пока не прочитано',
    read: (n: number) => `Прочитали: ${n}`,
    delivered: (n: number) => `Доставлено: ${n}`,
    waiting: (n: number) => `Пока не доставлено: ${n}`,
  },
});

interface PersonLineProps {
  userId: string;
  /** When they have read it, where that is known. */
  at?: string | undefined;
  onClose: () => void;
}

function PersonLine({ userId, at, onClose }: PersonLineProps) {
  const face = usePerson(userId);
  return (
    <li>
      <ListItem
        leading={<Avatar {...face} size={2.25} />}
        title={face.name}
        {...(at !== undefined && {
          subtitle: (
            <time dateTime={at} title={toFull(at)}>
              {toMoment(at)}
            </time>
          ),
        })}
        href={paths.person(userId)}
        onSelect={onClose}
      />
    </li>
  );
}

interface PartProps {
  title?: string;
  rows: readonly Position[];
  /** When each of them has read it. */
  reads?: readonly Reading[] | undefined;
  onClose: () => void;
}

function Part({ title, rows, reads, onClose }: PartProps) {
  if (rows.length === 0) return null;
  return (
    <section>
      {title && <h3 class="dialog-part">{title}</h3>}
      <ul>
        {rows.map(({ user_id: id }) => (
          <PersonLine
            key={id}
            userId={id}
            at={reads?.find(({ user_id }) => user_id === id)?.read_at}
            onClose={onClose}
          />
        ))}
      </ul>
    </section>
  );
}

/** Who has read a message and when, who has got it, and who has not. */
export function SeenDialog({ message: { chat_id: chatId, seq, sender_id: senderId }, onClose }: MessageDialogProps) {
  const messenger = useMessenger();
  const { user, store } = messenger;
  const positions = useSlice(`positions:${chatId}`);
  const members = useSlice(`chat:${chatId}`)?.members ?? [];
  const known = new Map(positions.map((row) => [row.user_id, row]));
  for (const { user_id: id } of members)
    if (!known.has(id)) known.set(id, { user_id: id, delivered_seq: 0, read_seq: 0 });
  const nameOf = ({ user_id: id }: Position): string => toName(store.get(`person:${id}`));
  const others = [...known.values()]
    .filter(({ user_id: id }) => id !== senderId && id !== user?.id)
    .sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
  const read = others.filter((row) => row.read_seq >= seq);
  const delivered = others.filter((row) => row.read_seq < seq && row.delivered_seq >= seq);
  const waiting = others.filter((row) => row.read_seq < seq && row.delivered_seq < seq);
  const { value: reads } = useAsked(() => messenger.chat(chatId).listReads(seq), read.length);
  return (
    <Dialog title={read.length > 0 ? texts().read(read.length) : texts().unread} onClose={onClose}>
      <Part rows={read} reads={reads} onClose={onClose} />
      <Part title={texts().delivered(delivered.length)} rows={delivered} onClose={onClose} />
      <Part title={texts().waiting(waiting.length)} rows={waiting} onClose={onClose} />
    </Dialog>
  );
}
