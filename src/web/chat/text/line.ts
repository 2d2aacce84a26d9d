import type { Message } from '../../../client/index.ts';
import { defineTexts } from '../../texts/texts.ts';

const texts = defineTexts({ en: { deleted: 'Message deleted' }, ru: { deleted: 'Сообщение удалено' } });

const maxLength = 200;

/** The beginning of a message in one line, where it is spoken of elsewhere. */
export const toLine = ({ text, deleted_at: deletedAt }: Pick<Message, 'text' | 'deleted_at'>): string =>
  deletedAt === undefined ? text.slice(0, maxLength).replace(/\s+/g, ' ').trim().toWellFormed() : texts().deleted;
