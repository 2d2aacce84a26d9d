import type { ComponentType } from 'preact';
import { usePerson } from '../app/names.ts';
import { paths, settingsSections, type SettingsSection } from '../app/router.ts';
import { session } from '../app/session.ts';
import { defineTexts } from '../texts/texts.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';
import { ListItem } from '../ui/list-item.tsx';
import { Page } from '../ui/page.tsx';
import { AccountSection } from './account-section.tsx';
import { LookSection } from './look-section.tsx';
import { NotificationsSection } from './notifications-section.tsx';
import { PasswordSection } from './password-section.tsx';
import { PrivacySection } from './privacy-section.tsx';
import { ProfileSection } from './profile-section.tsx';
import { SessionsSection } from './sessions-section.tsx';
import './settings.css';

const texts = defineTexts({
  en: {
    settings: 'Settings',
    profile: 'Profile',
    look: 'Appearance',
    notifications: 'Notifications',
    privacy: 'Privacy',
    password: 'Password',
    sessions: 'Devices',
    account: 'Account',
  },
  ru: {
    settings: 'Настройки',
    profile: 'Профиль',
    look: 'Внешний вид',
    notifications: 'Уведомления',
    privacy: 'Приватность',
    password: 'Пароль',
    sessions: 'Устройства',
    account: 'Аккаунт',
  },
});

const sections: Record<SettingsSection, { icon: IconName; content: ComponentType }> = {
  profile: { icon: 'person', content: ProfileSection },
  look: { icon: 'palette', content: LookSection },
  notifications: { icon: 'bell', content: NotificationsSection },
  privacy: { icon: 'eyeOff', content: PrivacySection },
  password: { icon: 'key', content: PasswordSection },
  sessions: { icon: 'devices', content: SessionsSection },
  account: { icon: 'person', content: AccountSection },
};

/** The list of sections and one of them; where there is no room for both, the one that the address names. */
export function Settings({ section }: { section: SettingsSection | undefined }) {
  const t = texts();
  const shown = section ?? 'profile';
  const { content: Content } = sections[shown];
  return (
    <div class="settings">
      <div class="settings-panes" data-side={section ? 'section' : 'list'}>
        <div class="settings-list">
          <Page title={t.settings} back={paths.home}>
            <SectionList shown={shown} />
          </Page>
        </div>
        <div class="settings-section">
          <Page key={shown} title={t[shown]} back={paths.settings}>
            <Content />
          </Page>
        </div>
      </div>
    </div>
  );
}

function SectionList({ shown }: { shown: SettingsSection }) {
  const t = texts();
  const { id, name, src } = usePerson(session.value.kind === 'in' ? session.value.userId : '');
  return (
    <nav aria-label={t.settings}>
      <ul>
        {settingsSections.map((section) => (
          <li key={section}>
            {section === 'profile' ? (
              <ListItem
                leading={<Avatar id={id} name={name} src={src} size={2.5} />}
                title={name}
                subtitle={t.profile}
                href={paths.section(section)}
                selected={section === shown}
              />
            ) : (
              <ListItem
                leading={
                  <span class="settings-icon">
                    <Icon name={sections[section].icon} />
                  </span>
                }
                title={t[section]}
                href={paths.section(section)}
                selected={section === shown}
              />
            )}
          </li>
        ))}
      </ul>
    </nav>
  );
}
