/** The words of questions: what they ask, what would follow, and what the button says. `of`: the group's or the person's name. */
import { defineTexts } from '../texts/texts.ts';

export const titles = defineTexts({
  en: {
    leave: 'Leave the group?',
    delete: 'Delete the group?',
    promote: 'Make an admin?',
    demote: 'Take back admin rights?',
    transfer: 'Hand the group over?',
    remove: 'Remove from the group?',
  },
  ru: {
    leave: 'Выйти из группы?',
    delete: 'Удалить группу?',
    promote: 'Сделать админом?',
    demote: 'Забрать права админа?',
    transfer: 'Передать группу?',
    remove: 'Удалить из группы?',
  },
});

export const outcomes = defineTexts({
  en: {
    leave: (of: string) => `You will not see “${of}” any more. To come back, you have to be added or invited.`,
    ownerLeaves: (of: string) =>
      `You own “${of}”. If you leave, it passes to an admin or, without one, to the member who has been in it longest. ` +
      'To choose yourself, hand it over first: in the menu beside a member.',
    lastLeaves: (of: string) => `You are the only member of “${of}”. When you leave, nobody can come back to it.`,
    delete: (of: string) => `“${of}” and all its messages go for everybody. This cannot be undone.`,
    promote: (of: string) => `${of} will be able to change the group, add and remove people, and delete messages.`,
    demote: (of: string) => `${of} stays in the group as a member.`,
    transfer: (of: string) => `${of} will own the group, and you will be an admin. Only ${of} could give it back.`,
    remove: (of: string) => `${of} will not see the group any more. What they wrote stays.`,
  },
  ru: {
    leave: (of: string) => `Группа «${of}» исчезнет из списка чатов. Вернуться можно будет только по приглашению.`,
    ownerLeaves: (of: string) =>
      `У группы «${of}» сменится владелец: им станет админ, а если админов нет — участник, который в группе дольше всех. ` +
      'Чтобы выбрать самостоятельно, сначала передайте группу: это можно сделать в меню рядом с участником.',
    lastLeaves: (of: string) => `В группе «${of}» больше никого нет. После выхода вернуться в неё не сможет никто.`,
    delete: (of: string) => `«${of}» и все её сообщения исчезнут у всех. Отменить это нельзя.`,
    promote: (of: string) => `${of} сможет менять группу, добавлять и удалять участников, удалять сообщения.`,
    demote: (of: string) => `${of} останется в группе обычным участником.`,
    transfer: (of: string) =>
      `Владельцем группы станет ${of}, а за вами останутся права админа. Вернуть группу сможет только новый владелец.`,
    remove: (of: string) => `${of} больше не увидит группу. Написанное останется.`,
  },
});

export const actions = defineTexts({
  en: {
    leave: 'Leave',
    delete: 'Delete',
    promote: 'Make an admin',
    demote: 'Take back',
    transfer: 'Hand over',
    remove: 'Remove',
  },
  ru: {
    leave: 'Выйти',
    delete: 'Удалить',
    promote: 'Сделать админом',
    demote: 'Забрать права',
    transfer: 'Передать',
    remove: 'Удалить',
  },
});
