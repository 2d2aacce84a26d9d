import { Button } from '../ui/button.tsx';
import { defineTexts } from '../texts/texts.ts';
import { hasUpdate, useUpdate } from './updates.ts';
import './bars.css';

const texts = defineTexts({
  en: { isThere: 'Update available', reload: 'Reload' },
  ru: { isThere: 'Доступно обновление', reload: 'Обновить' },
});

/** Says that there is a newer version of the client. */
export function UpdateHint() {
  const t = texts();
  return (
    <div role="status">
      {hasUpdate() && (
        <div class="bar">
          <div class="bar-line">
            <span class="bar-text">{t.isThere}</span>
            <Button kind="plain" onClick={useUpdate}>
              {t.reload}
            </Button>
          </div>
        </div>
      )}
    </div>
  );
}
