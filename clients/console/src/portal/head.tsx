/* SPDX-License-Identifier: Apache-2.0 */
/* Above and below every step: the portal's logo and name, the language, the way in for representatives. */
import type { PortalInfo } from '../api/portal';
import { language } from '../text/common';
import { text } from '../text/portal';
import type { Language } from '../text/types';

const languageNames: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch' };

interface HeadProps {
  info: PortalInfo | null;
  logo: string | null; /* loaded already, so that nothing moves when it comes */
  named: boolean; /* false: the heading below says it */
  onLanguage: (chosen: Language) => void;
}

/* Like the console's sign-in: the mark of the product where there is no logo. */
function Mark() {
  return (
    <svg class="brand-mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d="M2 17h20M4 17v-3a8 8 0 0 1 16 0v3M9 17v-3a3 3 0 0 1 6 0v3" />
    </svg>
  );
}

export function Head({ info, logo, named, onLanguage }: HeadProps) {
  const name = info?.portal?.title || info?.name || text.common.product;
  return (
    <header class="portal-head">
      <div class="brand" data-testid="portal-brand">
        {logo ? <img class="brand-logo" src={logo} alt="" data-testid="portal-logo" /> : <Mark />}
        {named && <span class="brand-name">{name}</span>}
      </div>
      <label class="language">
        <span class="visually-hidden">{text.portal.language}</span>
        <select data-testid="language" value={language}
          onChange={(event) => onLanguage(event.currentTarget.value as Language)}>
          {(Object.keys(languageNames) as Language[]).map((one) => (
            <option key={one} value={one} lang={one}>{languageNames[one]}</option>
          ))}
        </select>
      </label>
    </header>
  );
}

export function Foot() {
  return (
    <footer class="portal-foot">
      {text.portal.staff}<a href="/console">{text.portal.staffLink}</a>
    </footer>
  );
}
