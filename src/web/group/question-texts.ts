/** The words of questions: what they ask, what would follow, and what the button says. `of`: the group's or the person's name. */
import { defineTexts } from '../texts/texts.ts';

export const titles = defineTexts({
  en: {
    leave: 'Leave group?',
    delete: 'Delete group?',
    promote: 'Make admin?',
    demote: 'Remove as admin?',
    transfer: 'Transfer ownership?',
    remove: 'Remove from group?',
  },
  ru: {
    leave: 'Выйти из группы?',
    delete: 'Удалить группу?',
    promote: 'Сделать админом?',
    demote: 'Снять права админа?',
    transfer: 'Передать группу?',
    remove: 'Удалить из группы?',
  },
});

export const outcomes = defineTexts({
  en: {
    leave: (of: string) => `You will no longer see “${of}”. To come back, you have to be added or invited.`,
    ownerLeaves: (of: string) =>
      `You own “${of}”. If you leave, it passes to an admin or, if there are none, to the longest-standing member. ` +
      'To choose yourself, transfer it first from the menu next to a member.',
    lastLeaves: (of: string) => `You are the only member of “${of}”. When you leave, no one can come back to it.`,
    delete: (of: string) => `“${of}” and all its messages will be deleted for everyone. This cannot be undone.`,
    promote: (of: string) => `${of} will be able to edit the group, add and remove members, and delete messages.`,
    demote: (of: string) => `${of} will stay in the group as a regular member.`,
    transfer: (of: string) => `${of} will own the group, and you will become an admin. Only ${of} can give it back.`,
    remove: (of: string) => `${of} will no longer see the group. Their messages stay.`,
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
    remove: (of: string) => `${of} больше не увидит группу. Сообщения останутся.`,
  },
});

export const actions = defineTexts({
  en: {
    leave: 'Leave',
    delete: 'Delete',
    promote: 'Make admin',
    demote: 'Remove as admin',
    transfer: 'Transfer',
    remove: 'Remove',
  },
  ru: {
    leave: 'Выйти',
    delete: 'Удалить',
    promote: 'Сделать админом',
    demote: 'Снять права',
    transfer: 'Передать',
    remove: 'Удалить',
  },
});
