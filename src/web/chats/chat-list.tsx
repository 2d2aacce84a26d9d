import { paths } from '../app/router.ts';
import { useSlice } from '../app/slices.ts';
import { ListItem } from '../ui/list-item.tsx';

/** All chats, the newest activity first. */
export function ChatList() {
  const chats = useSlice('chats');
  return (
    <ul>
      {chats.map((chat) => (
        <li key={chat.id}>
          <ListItem title={chat.name ?? chat.id} subtitle={chat.last_message?.text} href={paths.chat(chat.id)} />
        </li>
      ))}
    </ul>
  );
}
