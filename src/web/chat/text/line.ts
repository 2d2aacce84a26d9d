import type { Message } from '../../../client/index.ts';
import { defineTexts } from '../../texts/texts.ts';
import { toPlainLine } from './plain-line.ts';

const texts = defineTexts({ en: { deleted: 'Message deleted' }, ru: { deleted: 'Сообщение удалено' } });

/** The beginning of a message in one line, where it is spoken of elsewhere. */
export const toLine = ({ text, deleted_at: deletedAt }: Pick<Message, 'text' | 'deleted_at'>): string =>
  deletedAt === undefined ? toPlainLine(text) : texts().deleted;
