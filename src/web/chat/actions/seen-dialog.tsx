import type { Position } from '../../../client/index.ts';
import { usePerson } from '../../app/names.ts';
import { paths } from '../../app/router.ts';
import { useMessenger, useSlice } from '../../app/slices.ts';
import { defineTexts } from '../../texts/texts.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ListItem } from '../../ui/list-item.tsx';
import type { MessageDialogProps } from './dialog-state.ts';
import './message-dialogs.css';

const texts = defineTexts({
  en: {
    title: 'Seen by',
    read: (n: number) => `Read: ${n}`,
    delivered: (n: number) => `Delivered, not read yet: ${n}`,
    waiting: (n: number) => `Not delivered yet: ${n}`,
  },
  ru: {
    title: 'Кто видел',
    read: (n: number) => `Прочитали: ${n}`,
    delivered: (n: number) => `Доставлено, ещё не прочитали: ${n}`,
    waiting: (n: number) => `Ещё не доставлено: ${n}`,
  },
});

function PersonLine({ userId, onClose }: { userId: string; onClose: () => void }) {
  const face = usePerson(userId);
  return (
    <li>
      <ListItem
        leading={<Avatar {...face} size={2.25} />}
        title={face.name}
        href={paths.person(userId)}
        onSelect={onClose}
      />
    </li>
  );
}

function Part({ title, rows, onClose }: { title: string; rows: readonly Position[]; onClose: () => void }) {
  if (rows.length === 0) return null;
  return (
    <section>
      <h3 class="dialog-part">{title}</h3>
      <ul>
        {rows.map(({ user_id: id }) => (
          <PersonLine key={id} userId={id} onClose={onClose} />
        ))}
      </ul>
    </section>
  );
}

/** Who has read a message, who has got it, and who has not. */
export function SeenDialog({ message: { chat_id: chatId, seq, sender_id: senderId }, onClose }: MessageDialogProps) {
  const { user } = useMessenger();
  const positions = useSlice(`positions:${chatId}`);
  const members = useSlice(`chat:${chatId}`)?.members ?? [];
  const known = new Map(positions.map((row) => [row.user_id, row]));
  for (const { user_id: id } of members)
    if (!known.has(id)) known.set(id, { user_id: id, delivered_seq: 0, read_seq: 0 });
  const others = [...known.values()].filter(({ user_id: id }) => id !== senderId && id !== user?.id);
  const read = others.filter((row) => row.read_seq >= seq);
  const delivered = others.filter((row) => row.read_seq < seq && row.delivered_seq >= seq);
  const waiting = others.filter((row) => row.read_seq < seq && row.delivered_seq < seq);
  return (
    <Dialog title={texts().title} onClose={onClose}>
      <Part title={texts().read(read.length)} rows={read} onClose={onClose} />
      <Part title={texts().delivered(delivered.length)} rows={delivered} onClose={onClose} />
      <Part title={texts().waiting(waiting.length)} rows={waiting} onClose={onClose} />
    </Dialog>
  );
}
