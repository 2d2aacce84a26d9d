/** What the people in the pictures say. The same story in both languages; nobody in it exists. */

/** One line of a talk. */
export interface Line {
  who: string;
  text: string;
  /** Minutes since the line before; 1 by default. */
  after?: number;
  /** How many lines above stands the one that it answers. */
  replies?: number;
  /** Names that the text mentions as `@name`. */
  mentions?: string[];
  reactions?: Record<string, string[]>;
  pinned?: boolean;
  /** What it said at first. */
  before?: string;
}

export interface Talk {
  /** Of a group; absent: a direct chat with `with`. `owner`: who has made it, if not the one in the pictures. */
  group?: { name: string; description: string; members: string[]; owner?: string };
  with?: string;
  lines: Line[];
  /** Minutes between the last line and now. */
  ago: number;
  /** How many of the last lines the one in the pictures has not read. */
  unread?: number;
  pinned?: boolean;
  muted?: boolean;
  archived?: boolean;
  draft?: string;
  /** The other one wants no more messages. */
  blocked?: boolean;
}

export interface Person {
  name: string;
  username: string;
  about?: string;
  /** Two colours of a picture; absent: letters. */
  picture?: [string, string];
}

export interface Story {
  locale: 'en-GB' | 'ru-RU';
  /** The first is the one in whose browser the pictures are taken. */
  people: Person[];
  talks: Talk[];
  /** Whose messages the one in the pictures does not want. */
  blocks: string[];
}

const pictures: Record<string, [string, string]> = {
  clara: ['#f2c14e', '#f78154'],
  dev: ['#4d9078', '#b4436c'],
  emma: ['#5fad56', '#2d4739'],
  hugo: ['#3a86ff', '#8338ec'],
};

const inEnglish: Story = {
  locale: 'en-GB',
  people: [
    { name: 'Anna Field', username: 'anna', about: 'Plants, maps and long walks' },
    { name: 'Ben Okafor', username: 'ben', about: 'Runs the workshop on Harbour Street' },
    { name: 'Clara Lindqvist', username: 'clara', about: 'Illustrator', picture: pictures['clara']! },
    { name: 'Dev Patel', username: 'dev', picture: pictures['dev']! },
    { name: 'Emma Novak', username: 'emma', picture: pictures['emma']! },
    { name: 'Farid Haddad', username: 'farid' },
    { name: 'Grace Moreau', username: 'grace' },
    { name: 'Hugo Brandt', username: 'hugo', picture: pictures['hugo']! },
  ],
  talks: [
    {
      group: {
        name: 'Garden on the roof',
        description: 'Who waters when, and what grows',
        members: ['ben', 'clara', 'dev', 'emma', 'grace'],
      },
      ago: 2,
      pinned: true,
      lines: [
        { who: 'emma', text: 'The tomatoes on the south side have survived the storm 🍅' },
        {
          who: 'emma',
          text: 'Two pots fell over, nothing is broken.',
          reactions: { '🎉': ['anna', 'ben', 'clara'], '🍅': ['dev'] },
        },
        { who: 'ben', text: 'Good news! I will bring new **canes** on Saturday.', after: 12 },
        {
          who: 'anna',
          text: 'What do we still need?\n\n- twine\n- two bags of soil\n- a watering can that does not leak',
          after: 4,
          pinned: true,
          reactions: { '👍': ['ben', 'emma'] },
        },
        {
          who: 'clara',
          text: 'I have twine. And I drew a plan of the beds: who wants to see it?',
          after: 26,
          replies: 1,
        },
        { who: 'dev', text: 'Me!', after: 1 },
        {
          who: 'dev',
          text: 'Watering this week: `Mon Emma · Wed Grace · Fri me`',
          after: 2,
          before: 'Watering this week: Mon Emma · Wed me',
        },
        {
          who: 'anna',
          text: '@Clara Lindqvist please put it on the wall by the door, then everybody sees it.',
          mentions: ['clara'],
          after: 8,
        },
        {
          who: 'clara',
          text: 'Done. It even survived the rain ☔',
          after: 55,
          replies: 1,
          reactions: { '❤️': ['anna', 'emma', 'grace'] },
        },
        { who: 'grace', text: 'Who has the key to the shed?', after: 15 },
        { who: 'anna', text: 'I do. It hangs behind the map.', after: 1, replies: 1 },
      ],
    },
    {
      with: 'clara',
      ago: 9,
      unread: 2,
      lines: [
        { who: 'anna', text: 'How is the book going?' },
        { who: 'clara', text: 'Slowly. The fox will not sit still.', after: 30 },
        { who: 'clara', text: 'Are you free on Thursday evening?', after: 14 },
        { who: 'clara', text: 'There is a small exhibition by the canal.', after: 1 },
      ],
    },
    {
      group: {
        name: 'Reading circle',
        description: 'One book a month',
        members: ['farid', 'grace', 'hugo', 'clara'],
        owner: 'hugo',
      },
      ago: 47,
      unread: 5,
      lines: [
        { who: 'hugo', text: 'I am on page 212 and I do not trust the gardener.' },
        {
          who: 'farid',
          text: 'Nobody trusts the gardener.',
          after: 3,
          reactions: { '😂': ['hugo', 'grace', 'clara'] },
        },
        { who: 'grace', text: 'No spoilers, please!', after: 2 },
        { who: 'hugo', text: 'My lips are sealed.', after: 1 },
        { who: 'farid', text: '@Anna Field, it is your turn to choose the next one.', mentions: ['anna'], after: 6 },
      ],
    },
    {
      with: 'ben',
      ago: 95,
      draft: 'Could you also look at the blue',
      lines: [
        { who: 'anna', text: 'The bicycle makes a noise again.' },
        { who: 'ben', text: 'Bring it by tomorrow, after four.', after: 7 },
        { who: 'anna', text: 'Thank you! I owe you a cake.', after: 2, reactions: { '🎂': ['ben'] } },
      ],
    },
    {
      with: 'dev',
      ago: 60 * 26,
      lines: [
        { who: 'anna', text: 'I have sent you the route for Sunday.' },
        { who: 'dev', text: 'Twenty kilometres? Challenge accepted.', after: 9 },
      ],
    },
    {
      group: {
        name: 'House meeting',
        description: 'Minutes and dates',
        members: ['ben', 'emma', 'farid', 'hugo', 'grace'],
      },
      ago: 60 * 30,
      muted: true,
      unread: 1,
      lines: [
        {
          who: 'farid',
          text: '**Minutes**\n\n1. The bicycle room gets a second lamp.\n2. Quiet hours stay as they are.\n3. Next meeting: the first Tuesday.',
        },
        { who: 'hugo', text: 'Thanks for writing it down!', after: 11 },
      ],
    },
    {
      with: 'emma',
      ago: 60 * 50,
      lines: [
        { who: 'emma', text: 'Seeds arrived 🌱' },
        { who: 'anna', text: 'Wonderful, see you on the roof.', after: 5 },
      ],
    },
    {
      with: 'hugo',
      ago: 60 * 24 * 4,
      lines: [{ who: 'hugo', text: 'The map you were looking for: it hangs in the library.' }],
    },
    {
      with: 'grace',
      ago: 60 * 24 * 20,
      archived: true,
      blocked: true,
      lines: [{ who: 'grace', text: 'Happy birthday!' }],
    },
  ],
  blocks: ['farid'],
};

const inRussian: Story = {
  locale: 'ru-RU',
  people: [
    { name: 'Анна Полева', username: 'anna', about: 'Растения, карты и долгие прогулки' },
    { name: 'Борис Ким', username: 'ben', about: 'Мастерская на Набережной' },
    { name: 'Клара Линд', username: 'clara', about: 'Иллюстратор', picture: pictures['clara']! },
    { name: 'Дамир Алиев', username: 'dev', picture: pictures['dev']! },
    { name: 'Эмма Новак', username: 'emma', picture: pictures['emma']! },
    { name: 'Фёдор Зимин', username: 'farid' },
    { name: 'Галина Морозова', username: 'grace' },
    { name: 'Герман Брандт', username: 'hugo', picture: pictures['hugo']! },
  ],
  talks: [
    {
      group: {
        name: 'Сад на крыше',
        description: 'Кто когда поливает и что растёт',
        members: ['ben', 'clara', 'dev', 'emma', 'grace'],
      },
      ago: 2,
      pinned: true,
      lines: [
        { who: 'emma', text: 'Помидоры на южной стороне пережили бурю 🍅' },
        {
          who: 'emma',
          text: 'Два горшка упали, но ничего не разбилось.',
          reactions: { '🎉': ['anna', 'ben', 'clara'], '🍅': ['dev'] },
        },
        { who: 'ben', text: 'Отлично! В субботу принесу новые **опоры**.', after: 12 },
        {
          who: 'anna',
          text: 'Что ещё нужно?\n\n- бечёвка\n- два мешка земли\n- лейка, которая не течёт',
          after: 4,
          pinned: true,
          reactions: { '👍': ['ben', 'emma'] },
        },
        { who: 'clara', text: 'Бечёвка есть. И я нарисовала план грядок: кому показать?', after: 26, replies: 1 },
        { who: 'dev', text: 'Мне!', after: 1 },
        {
          who: 'dev',
          text: 'Полив на этой неделе: `пн Эмма · ср Галина · пт я`',
          after: 2,
          before: 'Полив на этой неделе: пн Эмма · ср я',
        },
        {
          who: 'anna',
          text: '@Клара Линд повесь его, пожалуйста, у двери, тогда все увидят.',
          mentions: ['clara'],
          after: 8,
        },
        {
          who: 'clara',
          text: 'Готово. Он даже дождь пережил ☔',
          after: 55,
          replies: 1,
          reactions: { '❤️': ['anna', 'emma', 'grace'] },
        },
        { who: 'grace', text: 'У кого ключ от сарая?', after: 15 },
        { who: 'anna', text: 'У меня. Висит за картой.', after: 1, replies: 1 },
      ],
    },
    {
      with: 'clara',
      ago: 9,
      unread: 2,
      lines: [
        { who: 'anna', text: 'Как книга?' },
        { who: 'clara', text: 'Медленно. Лиса не хочет сидеть смирно.', after: 30 },
        { who: 'clara', text: 'Ты свободна в четверг вечером?', after: 14 },
        { who: 'clara', text: 'У канала небольшая выставка.', after: 1 },
      ],
    },
    {
      group: {
        name: 'Книжный кружок',
        description: 'Одна книга в месяц',
        members: ['farid', 'grace', 'hugo', 'clara'],
        owner: 'hugo',
      },
      ago: 47,
      unread: 5,
      lines: [
        { who: 'hugo', text: 'Я на странице 212 и не верю садовнику.' },
        { who: 'farid', text: 'Садовнику никто не верит.', after: 3, reactions: { '😂': ['hugo', 'grace', 'clara'] } },
        { who: 'grace', text: 'Только без подробностей!', after: 2 },
        { who: 'hugo', text: 'Молчу.', after: 1 },
        { who: 'farid', text: '@Анна Полева, следующую выбираешь ты.', mentions: ['anna'], after: 6 },
      ],
    },
    {
      with: 'ben',
      ago: 95,
      draft: 'А ещё посмотри, пожалуйста, синий',
      lines: [
        { who: 'anna', text: 'Велосипед опять скрипит.' },
        { who: 'ben', text: 'Приводи завтра после четырёх.', after: 7 },
        { who: 'anna', text: 'Спасибо! С меня пирог.', after: 2, reactions: { '🎂': ['ben'] } },
      ],
    },
    {
      with: 'dev',
      ago: 60 * 26,
      lines: [
        { who: 'anna', text: 'Прислала маршрут на воскресенье.' },
        { who: 'dev', text: 'Двадцать километров? Вызов принят.', after: 9 },
      ],
    },
    {
      group: {
        name: 'Собрание дома',
        description: 'Протоколы и даты',
        members: ['ben', 'emma', 'farid', 'hugo', 'grace'],
      },
      ago: 60 * 30,
      muted: true,
      unread: 1,
      lines: [
        {
          who: 'farid',
          text: '**Протокол**\n\n1. В велосипедной будет вторая лампа.\n2. Тихие часы остаются прежними.\n3. Следующее собрание — в первый вторник.',
        },
        { who: 'hugo', text: 'Спасибо, что всё записали!', after: 11 },
      ],
    },
    {
      with: 'emma',
      ago: 60 * 50,
      lines: [
        { who: 'emma', text: 'Семена приехали 🌱' },
        { who: 'anna', text: 'Чудесно, увидимся на крыше.', after: 5 },
      ],
    },
    { with: 'hugo', ago: 60 * 24 * 4, lines: [{ who: 'hugo', text: 'Карта, которую ты искала, висит в библиотеке.' }] },
    {
      with: 'grace',
      ago: 60 * 24 * 20,
      archived: true,
      blocked: true,
      lines: [{ who: 'grace', text: 'С днём рождения!' }],
    },
  ],
  blocks: ['farid'],
};

export const stories: readonly Story[] = [inEnglish, inRussian];
