import { countEn, countRu, defineTexts } from '../../texts/texts.ts';

/** What the composer says. */
export const texts = defineTexts({
  en: {
    message: 'Message',
    later: "Sends when you're back online",
    send: 'Send',
    save: 'Save',
    again: 'Back to the text',
    emoji: 'Emoji',
    files: "Files can't be sent yet",
    left: (n: number) => `${countEn(n, 'character', 'characters')} left`,
    tooLong: (n: number) => `Too long by ${countEn(n, 'character', 'characters')}`,
    found: (n: number) => countEn(n, 'member found', 'members found'),
  },
  ru: {
    message: 'Сообщение',
    later: 'Отправится, когда появится сеть',
    send: 'Отправить',
    save: 'Сохранить',
    again: 'Вернуться к тексту',
    emoji: 'Эмодзи',
    files: 'Файлы пока нельзя отправлять',
    left: (n: number) => `Можно ещё ${countRu(n, 'символ', 'символа', 'символов')}`,
    tooLong: (n: number) => `Слишком длинно на ${countRu(n, 'символ', 'символа', 'символов')}`,
    found: (n: number) => `Найдено: ${countRu(n, 'участник', 'участника', 'участников')}`,
  },
});
