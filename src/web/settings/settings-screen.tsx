/** The settings of the person and of this device. */
import type { SettingsSection } from '../app/router.ts';

export function SettingsScreen({ section: _section }: { section: SettingsSection | undefined }) {
  return <p>SettingsScreen</p>;
}
