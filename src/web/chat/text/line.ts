import type { Message } from '../../../client/index.ts';
import { defineTexts } from '../../texts/texts.ts';

const texts = defineTexts({ en: { deleted: 'Message deleted' }, ru: { deleted: 'Сообщение удалено' } });

const maxLength = 200;

/** Without the marks of markdown that say nothing in one line. */
const withoutMarks = (text: string): string =>
  text
    .replace(/!?\[([^\]\n]*)\]\([^)\s]*\)/g, '$1')
    .replace(/^\s*(?:(?:>|#{1,6}|[-+*])\s+)+/gm, '')
    .replace(/\*\*|__|~~|`{3}\w*|`/g, '');

/** The beginning of a message in one line, where it is spoken of elsewhere. */
export const toLine = ({ text, deleted_at: deletedAt }: Pick<Message, 'text' | 'deleted_at'>): string =>
  deletedAt === undefined
    ? withoutMarks(text.slice(0, maxLength)).replace(/\s+/g, ' ').trim().toWellFormed()
    : texts().deleted;
