import { NotificationsSwitch } from '../chats/notifications.tsx';

/** How the messenger makes itself heard on this device. */
export const NotificationsSection = () => (
  <div class="settings-part">
    <NotificationsSwitch />
  </div>
);
