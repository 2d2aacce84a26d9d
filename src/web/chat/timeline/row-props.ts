import type { Message, PendingMessage } from '../../../client/index.ts';
import type { OpenMenu } from './menu-host.tsx';
import type { TimelineModel } from './model.ts';
import type { Progress } from './progress.ts';
import type { Row } from './rows.ts';

/** What a message in the list takes. */
export interface MessageRowProps extends Omit<Row, 'key'> {
  model: TimelineModel;
  message: Message | PendingMessage;
  isGroup: boolean;
  isFlashed: boolean;
  /** Its menu is open. */
  isAsked: boolean;
  /** Of an own message that is stored. */
  progress: Progress | undefined;
  /** What it answers, if that is held. */
  original: Message | undefined;
  onMenu: (menu: OpenMenu) => void;
}
